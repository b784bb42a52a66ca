import assert from "node:assert/strict";
import { addTo, latencyOf, noDistribution, quantile } from "../../../engine/registry/quantiles.js";

describe("percentiles of a histogram", () => {
  // Buckets: up to 1, up to 2, up to 4, above.
  const bounds = [1, 2, 4];
  const rows: readonly (readonly [what: string, q: number, buckets: readonly number[], expected: number])[] =
    [
      ["nothing was observed", 0.5, [0, 0, 0, 0], 0],
      ["all in the first bucket: half of it", 0.5, [10, 0, 0, 0], 0.5],
      ["evenly over two buckets: their border", 0.5, [10, 10, 0, 0], 1],
      ["half-way into the bucket that holds it", 0.75, [10, 10, 0, 0], 1.5],
      ["empty buckets are passed over", 0.99, [1, 0, 99, 0], 2 + 2 * (98 / 99)],
      ["above the last bound: that bound, for more is not known", 0.99, [0, 0, 0, 5], 4],
    ];
  for (const [what, q, buckets, expected] of rows)
    it(what, () => assert.ok(Math.abs(quantile(q, buckets, bounds) - expected) < 1e-9));

  it("of two spans added is that of both together, not a mean of the two", () => {
    const both = noDistribution();
    addTo(both, { count: 90, sum: 45, buckets: [90, 0, 0, 0] });
    addTo(both, { count: 10, sum: 30, buckets: [0, 0, 10, 0] });
    assert.deepEqual(latencyOf(both, bounds), {
      ...{ count: 100, meanMs: 750, p50Ms: 555.556, p95Ms: 3_000, p99Ms: 3_800 },
    });
  });

  it("of nothing is nothing, not 0 ms", () => assert.equal(latencyOf(noDistribution(), bounds), undefined));
});
