import { runCases } from "./cases/case.js";
import { shapeCases } from "./cases/shape.js";

describe("shape: one mistake gives one error", () => {
  runCases(shapeCases);
});
