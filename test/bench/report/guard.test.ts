import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { processorBar, processorRatio } from "../../../bench/report/guard.js";
import type { Results } from "../../../bench/report/results.js";
import { root } from "../../support/checkout.js";

describe("the guard against getting slower unseen", () => {
  it("compares everything a payment uses with everything the floor uses; who makes the load does not count", () => {
    const payment = { bridge: 1, worker: 2, postgres: 1, load: 50 };
    assert.equal(processorRatio(payment, { postgres: 0.4, pgbench: 0.1 }), 8);
  });

  it("has its bar from what is recorded, which every run of the benchmark renews", () => {
    const results = JSON.parse(readFileSync(path.join(root, "bench/results/latest.json"), "utf8")) as Results;
    const bar = processorBar(results);
    assert.ok(Number.isFinite(bar) && bar > 0, String(bar));
    const costs = (name: "valence-postgres" | "floor") =>
      results.contestants[name]?.costs.processorMs ?? assert.fail();
    assert.equal(bar, 2 * processorRatio(costs("valence-postgres"), costs("floor")));
  });

  it("of results without the floor there is no bar", () => {
    const results = { contestants: {} } as Results;
    assert.throws(() => processorBar(results), /no floor/);
  });
});
