import { runCases } from "./cases/case.js";
import { effectCases } from "./cases/effects.js";

describe("effects: no external result is lost, repeated or taken for another", () => {
  runCases(effectCases);
});
