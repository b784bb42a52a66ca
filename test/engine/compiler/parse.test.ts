import { runCases } from "./cases/case.js";
import { parseCases } from "./cases/parse.js";

describe("parse: text that is no definition is refused where it goes wrong", () => {
  runCases(parseCases);
});
