import assert from "node:assert/strict";
import { median, percentile } from "../../../bench/report/percentile.js";

const hundred = Array.from({ length: 100 }, (_, index) => index + 1);

describe("percentile", () => {
  const table: readonly (readonly [values: readonly number[], share: number, value: number])[] = [
    [[7], 0.5, 7],
    [[7], 0.99, 7],
    [[1, 2], 0.5, 1],
    [[1, 2], 0.51, 2],
    [hundred, 0.5, 50],
    [hundred, 0.99, 99],
    [hundred, 1, 100],
    [hundred, 0, 1],
  ];
  for (const [values, share, value] of table)
    it(`of ${values.length} values, ${share}: ${value}`, () =>
      assert.equal(percentile(values, share), value));

  it("of nothing: not a number, rather than a good figure", () =>
    assert.ok(Number.isNaN(percentile([], 0.5))));
});

describe("median", () => {
  const table: readonly (readonly [values: readonly number[], value: number])[] = [
    [[3], 3],
    [[9, 1], 5],
    [[9, 1, 2], 2],
    [[10, 9, 1, 2], 5.5],
  ];
  for (const [values, value] of table)
    it(`of ${values.join(", ")}: ${value}`, () => assert.equal(median(values), value));

  it("of nothing: not a number", () => assert.ok(Number.isNaN(median([]))));
});
