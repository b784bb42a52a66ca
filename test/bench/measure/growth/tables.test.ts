import assert from "node:assert/strict";
import { scannedBetween, type TableState } from "../../../../bench/measure/growth/tables.js";

const state = (name: string, rows: number, sequentialScans: number, sequentialRows: number): TableState => ({
  ...{ name, rows, sequentialScans, sequentialRows },
  bytes: rows * 100,
});

describe("sequential scans under load", () => {
  it("count for tables that were large before, and only those that happened since", () => {
    const before = [
      state("orders", 5_000, 7, 35_000),
      state("runs", 9_000, 1, 9_000),
      state("modules", 7, 0, 0),
    ];
    const after = [
      state("orders", 5_100, 9, 45_000),
      state("runs", 9_100, 1, 9_000),
      state("modules", 7, 90, 630),
    ];
    assert.deepEqual(scannedBetween(before, after, 1_000), [{ name: "orders", scans: 2, rows: 10_000 }]);
  });
});
