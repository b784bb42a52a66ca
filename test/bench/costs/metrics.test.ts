import assert from "node:assert/strict";
import { createMetrics } from "../../../adapters/telemetry/metrics.js";
import {
  engineCosts,
  grownMean,
  labelsOf,
  parseMetrics,
  type Sample,
  sumOf,
} from "../../../bench/costs/metrics.js";
import { timesOf } from "../../../bench/measure/loads.js";

const ofCommit = { queue: "flow.pay", transaction: "order.accept", type: "pay" } as const;

async function readings(): Promise<readonly [readonly Sample[], readonly Sample[]]> {
  const metrics = createMetrics({ service: "flow", instance: "1" });
  const read = async (): Promise<readonly Sample[]> => parseMetrics(await metrics.metricsText());
  metrics.count("valence_commits_total", {}, 10);
  metrics.observe("valence_atoms_seconds", ofCommit, 5);
  const before = await read();
  metrics.count("valence_commits_total", {}, 50);
  metrics.count("valence_units_total", {}, 400);
  metrics.observe("valence_atoms_seconds", ofCommit, 0.002);
  metrics.observe("valence_atoms_seconds", ofCommit, 0.004);
  metrics.observe("valence_channel_seconds", { atom: "channel.charge", channel: 'odd"one' }, 0.5);
  return [before, await read()];
}

describe("what processes say of themselves", () => {
  it("is read back as it was counted, labels and all", async () => {
    const [, after] = await readings();
    assert.equal(sumOf(after, "valence_commits_total"), 60);
    assert.equal(sumOf(after, "valence_commits_total", { service: "flow" }), 60);
    assert.equal(sumOf(after, "valence_commits_total", { service: "bridge" }), 0);
    assert.deepEqual(labelsOf(after, "valence_channel_seconds_count", "atom"), ["channel.charge"]);
    assert.ok(sumOf(after, "process_resident_memory_bytes") > 0);
    assert.ok(sumOf(after, "nodejs_heap_size_used_bytes") > 0);
  });

  it("means are of what happened between two readings, not of what was before", async () => {
    const [before, after] = await readings();
    assert.ok(Math.abs(grownMean(before, after, "valence_atoms_seconds") - 0.003) < 1e-9);
    assert.ok(Number.isNaN(grownMean(before, after, "valence_commit_seconds")));
  });

  it("group commits and units are per payment; who counts none has none", async () => {
    const [before, after] = await readings();
    assert.deepEqual(engineCosts({ worker: before }, { worker: after }, 100), { commits: 0.5, units: 4 });
    assert.equal(engineCosts({}, {}, 100), undefined);
  });

  it("a load's times are milliseconds, by transaction and by atom; what did not happen is left out", async () => {
    const [before, after] = await readings();
    const times = timesOf({ before, after }, 1_000);
    assert.deepEqual(Object.keys(times.transactions), ["order.accept"]);
    const { atoms, perSecond } = times.transactions["order.accept"] ?? assert.fail();
    assert.ok(Math.abs(atoms - 3) < 1e-6);
    assert.equal(perSecond, 2);
    assert.deepEqual(times.exchangesMs, { "channel.charge": 500 });
    assert.equal(times.unitsPerCommit, 8);
  });
});
