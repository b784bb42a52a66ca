import assert from "node:assert/strict";
import { flatTarget, growthOf, memory, type MemorySample } from "../../../bench/report/sections/memory.js";
import { isMet } from "../../../bench/report/section.js";
import { lineThrough, lowerEnvelope, type Point } from "../../../bench/report/slope.js";

const minutes = Array.from({ length: 120 }, (_, index) => index / 12);
/** The same on every run, of mean zero, between -1 and 1. */
const noise = (index: number): number => Math.sin(index * 12.9898);
const points = (of: (minute: number, index: number) => number): readonly Point[] =>
  minutes.map((minute, index) => [minute, of(minute, index)]);

describe("a line through samples", () => {
  it("has the slope and the mean of a straight one, without an error", () => {
    const { slope, error, mean } = lineThrough([
      [0, 1],
      [1, 3],
      [2, 5],
    ]);
    assert.deepEqual([slope, mean], [2, 3]);
    assert.ok(Math.abs(error) < 1e-9);
  });

  it("has the standard error of the textbook", () => {
    // Residuals -1/3, 2/3, -1/3 around y = 4/3 + x/2: s² = 2/3, and the x spread is 2.
    const { slope, error } = lineThrough([
      [0, 1],
      [1, 2.5],
      [2, 2],
    ]);
    assert.ok(Math.abs(slope - 0.5) < 1e-9);
    assert.ok(Math.abs(error - Math.sqrt(2 / 3 / 2)) < 1e-9);
  });

  it("of two points there is no error to know", () =>
    assert.ok(
      Number.isNaN(
        lineThrough([
          [0, 1],
          [1, 2],
        ]).error,
      ),
    ));

  const rows: readonly (readonly [string, (minute: number, index: number) => number, boolean])[] = [
    ["noise alone", (_, index) => 200 + 5 * noise(index), true],
    ["a leak of 1 MiB a minute in noise", (minute, index) => 200 + minute + 5 * noise(index), false],
    ["a leak of 0.5 % in ten minutes", (minute) => 200 + 0.1 * minute, true],
    ["a leak of 2 % in ten minutes, no noise", (minute) => 200 + 0.4 * minute, false],
    ["what shrinks", (minute) => 200 - 5 * minute, true],
  ];
  for (const [what, of, flat] of rows)
    it(`${what}: ${flat ? "flat" : "not flat"}`, () =>
      assert.equal(isMet(flatTarget("x", lineThrough(points(of)))), flat));

  it("growth is per cent of the mean in ten minutes", () =>
    assert.deepEqual(growthOf({ slope: 1, error: 0.1, mean: 200 }), { percent: 5, error: 0.5 }));
});

describe("the lower envelope", () => {
  it("is the lowest point of each stretch; a remainder is left out", () => {
    const all: readonly Point[] = [5, 3, 4, 9, 8, 7, 1].map((y, x) => [x, y]);
    assert.deepEqual(lowerEnvelope(all, 3), [
      [1, 3],
      [5, 7],
    ]);
  });

  it("sees through collections: a saw-tooth on level ground is flat, on rising ground it is not", () => {
    const target = (leak: number) => {
      const samples = minutes.map((minute, index): MemorySample => ({
        ...{ minutes: minute, rssMiB: 200, externalMiB: 4 },
        heapUsedMiB: 50 + leak * minute + 10 * (index % 7),
      }));
      const figures = { paymentsPerSecond: 1, sampleSeconds: 5, samples: { worker: samples }, failures: [] };
      return memory.targets(figures).find(({ of }) => of.includes("heap")) ?? assert.fail();
    };
    assert.equal(isMet(target(0)), true);
    assert.equal(isMet(target(1)), false);
  });
});
