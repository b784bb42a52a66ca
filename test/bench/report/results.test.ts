import assert from "node:assert/strict";
import type { Measurement } from "../../../bench/measurement.js";
import { chart, markdown } from "../../../bench/report/document.js";
import { figuresOf, ratiosOf, type Results, type Round } from "../../../bench/report/results.js";
import { failureList, rateTable, targetTable } from "../../../bench/report/text.js";

const measurement = (paymentsPerSecond: number, more: Partial<Measurement> = {}): Measurement => ({
  paymentsPerSecond,
  p50Ms: 1_000 / paymentsPerSecond,
  p99Ms: 2_000 / paymentsPerSecond,
  processorMs: { bridge: 0.1, worker: 0.2, postgres: 0.3 },
  database: {
    ...{ commits: 0.25, transactions: 0.5, walBytes: 4_000, inserted: 5, updated: 1, deleted: 0 },
    tables: {},
  },
  connections: 20,
  payments: 1_000,
  failures: [],
  ...more,
});

/** The machine is half as fast in the second round: no ratio changes. */
const rounds: readonly Round[] = [
  {
    "valence-postgres": measurement(3_000, { halfLoad: { perSecond: 1_500, p50Ms: 9, p99Ms: 200 } }),
    bullmq: measurement(1_000),
    floor: measurement(2_000),
  },
  {
    "valence-postgres": measurement(1_500, { halfLoad: { perSecond: 750, p50Ms: 9, p99Ms: 100 } }),
    bullmq: measurement(500),
    floor: measurement(1_000, { failures: ["1 <b>lost</b>"] }),
  },
  { floor: measurement(1_200) },
];

const names = ["valence-postgres", "bullmq", "floor"] as const;
const results: Results = {
  takenAt: "2030-01-02T03:04:05.000Z",
  quick: true,
  machine: { cpus: 2, model: "Some <processor>", memoryBytes: 2 ** 34, system: "Linux 6", loadAverage: 0.5 },
  versions: { node: "20.0.0" },
  settings: { inFlight: 64 },
  contestants: Object.fromEntries(
    names.map((name) => [name, figuresOf(rounds.flatMap(({ [name]: each }) => (each ? [each] : [])))]),
  ),
  ratios: ratiosOf(rounds),
  rounds,
};

describe("benchmark results", () => {
  it("have what others read: payments per second, p50 and p99 of each contestant, medians of the rounds", () => {
    const { contestants } = JSON.parse(JSON.stringify(results)) as Results;
    assert.deepEqual(Object.keys(contestants), [...names]);
    const { paymentsPerSecond, p50Ms, p99Ms, halfLoadP99Ms } =
      contestants["valence-postgres"] ?? assert.fail();
    assert.deepEqual([paymentsPerSecond, halfLoadP99Ms], [2_250, 150]);
    assert.ok(Math.abs(p50Ms - 0.5) < 1e-9 && Math.abs(p99Ms - 1) < 1e-9);
    assert.equal(contestants.floor?.paymentsPerSecond, 1_200);
  });

  it("of a contestant that was never measured: none, rather than zeros", () =>
    assert.equal(figuresOf([]), undefined));

  it("compare what was taken in the same round: a machine that slows down changes no ratio", () =>
    assert.deepEqual(
      results.ratios.map(({ contestant, of, target, found, met }) => [contestant, of, target, found, met]),
      [
        ["valence-postgres", "payments/s / floor", 1.25, 1.5, true],
        ["valence-postgres", "payments/s / bullmq", 3, 3, true],
      ],
    ));

  it("say by how much a target is missed", () => {
    const missed = {
      ...results,
      ratios: ratiosOf([{ "valence-postgres": measurement(1_000), floor: measurement(1_000) }]),
    };
    assert.match(targetTable(missed), /payments\/s \/ floor *\| *>= 1\.25 *\| *1\.00 *\| *missed by 20 %/);
    assert.match(targetTable(results), /p99 ms at half load *\| *<= 150 *\| *150\.0 *\| *met/);
  });

  it("show what went wrong beside the figures it spoils", () => {
    assert.equal(failureList(results), "- floor (pgbench): 1 <b>lost</b>\n");
    assert.match(rateTable(results), /floor \(pgbench\).*\| *1 \|/);
    assert.match(markdown(results), /What went wrong:\n\n- floor/);
  });

  it("the document says that the quick form is an impression", () => {
    assert.match(markdown(results), /quick form/);
    assert.doesNotMatch(markdown({ ...results, quick: false }), /quick form/);
  });

  it("the chart is well-formed whatever a processor is called, and has a bar for each contestant", () => {
    const svg = chart(results);
    assert.equal(svg.match(/<rect /g)?.length, 1 + names.length);
    assert.match(svg, /Some &lt;processor&gt;/);
    assert.match(svg, /stroke-dasharray/);
    const opened = svg.match(/<(svg|text)\b/g)?.length;
    assert.equal(svg.match(/<\/(svg|text)>/g)?.length, opened);
    assert.doesNotMatch(svg, /NaN|undefined/);
  });
});
