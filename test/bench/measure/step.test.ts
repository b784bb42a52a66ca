import assert from "node:assert/strict";
import { stepMeasure } from "../../../bench/measure/step.js";
import type { StepFigures } from "../../../bench/report/sections/step.js";

describe("measuring a step", () => {
  it("runs every transaction to its end, with and without metrics and conditions", async () => {
    const figures = (await stepMeasure.measure(
      { rounds: 2, transactions: 10 },
      () => undefined,
    )) as StepFigures;
    assert.equal(figures.variants.length, 3);
    for (const { name, transactionUs, rangeUs } of figures.variants) {
      assert.ok(transactionUs > 0, name);
      assert.ok(rangeUs[0] <= rangeUs[1], name);
    }
  });
});
