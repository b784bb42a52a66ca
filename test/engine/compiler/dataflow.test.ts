import { runCases } from "./cases/case.js";
import { dataflowCases } from "./cases/dataflow.js";

describe("dataflow: every field is written before it is read, on every path", () => {
  runCases(dataflowCases);
});
