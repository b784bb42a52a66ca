import assert from "node:assert/strict";
import { historyMinutes, spanOf } from "../../../engine/registry/spans.js";

const nowMs = Date.UTC(2026, 10, 22, 12, 34, 56, 789);

describe("spans: which recorded steps answer a question", () => {
  // minutes, step s, window s, points, the end
  const rows = [
    [5, 5, 5, 60, "12:34:50"],
    [15, 5, 15, 60, "12:34:45"],
    [60, 60, 60, 60, "12:34:00"],
    [360, 300, 300, 72, "12:30:00"],
    [1_440, 300, 900, 96, "12:30:00"],
  ] as const;
  for (const [minutes, stepS, windowS, points, end] of rows)
    it(`${minutes} minutes: ${points} points of ${windowS} s up to ${end}`, () => {
      const span = spanOf(minutes, nowMs);
      assert.deepEqual([span.stepS, span.windowS], [stepS, windowS]);
      assert.equal(new Date(span.toMs).toISOString().slice(11, 19), end);
      assert.equal((span.toMs - span.fromMs) / (windowS * 1_000), points);
      assert.equal(span.fromMs % (windowS * 1_000), 0, "whole windows");
    });

  it("never more points than a chart can show, whatever is asked for", () => {
    for (let minutes: number = historyMinutes.min; minutes <= historyMinutes.max; minutes++) {
      const { fromMs, toMs, windowS } = spanOf(minutes, nowMs);
      assert.ok((toMs - fromMs) / (windowS * 1_000) <= 125, `${minutes} minutes`);
      assert.ok(toMs - fromMs >= minutes * 60_000, `${minutes} minutes are covered`);
    }
  });
});
