import assert from "node:assert/strict";
import { lastOverFirst, type QueueWindow, shownOf } from "../../../bench/report/sections/queue.js";

const window = (perSecond: number, index: number): QueueWindow => ({
  ...{ messages: (index + 1) * 50_000, perSecond, postgresUs: 100 },
  ...{ tableBytes: 1, indexBytes: 1, dead: 0, vacuums: 0 },
});

describe("windows of a queue", () => {
  it("the last is compared with the first, whatever was between them", () =>
    assert.equal(lastOverFirst([4_000, 9_000, 3_000].map(window)), 0.75));

  it("of nothing: not a number, which no target takes for met", () =>
    assert.ok(Number.isNaN(lastOverFirst([]))));

  it("a long run is shown in a dozen rows or so, first and last among them", () => {
    const windows = Array.from({ length: 40 }, (_, index) => window(4_000, index));
    const shown = shownOf(windows);
    assert.ok(shown.length <= 13, String(shown.length));
    assert.deepEqual([shown[0], shown.at(-1)], [windows[0], windows.at(-1)]);
    assert.deepEqual(shownOf(windows.slice(0, 4)), windows.slice(0, 4));
  });
});
