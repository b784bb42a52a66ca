import { runCases } from "./cases/case.js";
import { outcomeCases } from "./cases/outcomes.js";

describe("outcomes: every run comes to an end", () => {
  runCases(outcomeCases);
});
