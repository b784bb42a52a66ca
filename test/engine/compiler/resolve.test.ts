import { runCases } from "./cases/case.js";
import { resolveCases } from "./cases/resolve.js";

describe("resolve: everything named exists", () => {
  runCases(resolveCases);
});
