import assert from "node:assert/strict";
import {
  diagnostic,
  diagnosticCodes,
  diagnosticTable,
  formatDiagnostic,
  suggestion,
} from "../../../engine/compiler/diagnostics.js";
import { dataflowCases } from "./cases/dataflow.js";
import { effectCases } from "./cases/effects.js";
import { outcomeCases } from "./cases/outcomes.js";
import { parseCases } from "./cases/parse.js";
import { resolveCases } from "./cases/resolve.js";
import { shapeCases } from "./cases/shape.js";
import { routeCases } from "../registry/route-cases.js";

describe("diagnostics: what the compiler says can be found, read and acted on", () => {
  const cases = [
    ...parseCases,
    ...shapeCases,
    ...resolveCases,
    ...dataflowCases,
    ...effectCases,
    ...outcomeCases,
    ...routeCases,
  ];

  it("every code has a definition that trips it, and no case names a code that does not exist", () => {
    const tripped = new Set(cases.flatMap(({ says }) => says.map((line) => line.split(" ")[1])));
    assert.deepEqual([...tripped].sort(), [...diagnosticCodes].sort());
  });

  it("every code has a title and a hint", () => {
    for (const code of diagnosticCodes) {
      const { title, hint } = diagnosticTable[code];
      assert.match(title, /^[A-Z]/, code);
      assert.ok(hint.length > 0, code);
    }
  });

  it("is one line: file:pointer CODE message (hint)", () => {
    const found = diagnostic(
      "OUTCOME_UNMAPPED",
      { file: "a.flow.json", at: ["stages", "a/b", "on", 0] },
      "no way on",
    );
    assert.equal(
      formatDiagnostic(found),
      "a.flow.json:/stages/a~1b/on/0 OUTCOME_UNMAPPED no way on (map it to a stage, end:<state> or park:<reason>)",
    );
  });

  for (const [wrong, expected] of [
    ["order.acept", '; did you mean "order.accept"?'],
    ["order", ""],
    ["x", ""],
  ] as const) {
    it(`"${wrong}": ${expected || "no suggestion"}`, () => {
      assert.equal(suggestion(wrong, ["order.accept", "route.choose"]), expected);
    });
  }
});
