import assert from "node:assert/strict";
import type { Sample } from "../../../engine/ports/series.js";
import { looksMetric, type Throughput, throughputOf } from "../../../engine/registry/throughput.js";

const span = { stepS: 5, windowS: 5, fromMs: 100_000, toMs: 115_000 };
const shape = { followers: new Set(["notify"]) };
const bounds = [0.01, 0.1];

const sample = (
  metric: string,
  labels: Sample["labels"],
  count: number,
  sum = 0,
  buckets?: number[],
): Sample => ({
  ...{ metric, labels, count, sum },
  ...(buckets ? { buckets } : {}),
});
/** What happened, all of it in the second of three windows. */
const of = (...samples: readonly Sample[]): Throughput =>
  throughputOf(
    {
      totals: samples,
      course: samples.map(({ buckets: _buckets, ...each }) => ({ ...each, atMs: 105_000 })),
    },
    span,
    shape,
    () => bounds,
  );
const names = (views: Throughput["queues"]): readonly string[] => views.map(({ name }) => name);

describe("throughput, made of recorded series", () => {
  it("runs are counted by type and end; those that only follow others are no business", () => {
    const ended = (flow: string, type: string, end: string, count: number): Sample =>
      sample("valence_runs_ended_total", { flow, type, end }, count);
    const { system, types } = of(
      ended("pay", "pay", "end:paid", 6),
      ended("pay", "topup", "end:paid", 3),
      ended("pay", "pay", "end:failed", 1),
      ended("notify", "pay", "end:delivered", 10),
    );
    assert.deepEqual([system.count, system.outcomes], [10, { "end:paid": 9, "end:failed": 1 }]);
    assert.equal(system.perS, 10 / 15);
    assert.deepEqual(system.course.perS, [0, 2, 0]);
    assert.deepEqual(system.course.outcomes, { "end:paid": [0, 9 / 5, 0], "end:failed": [0, 1 / 5, 0] });
    assert.deepEqual(names(types), ["pay", "topup"], "the busiest first");
    assert.deepEqual(types[0]?.outcomes, { "end:paid": 6, "end:failed": 1 });
  });

  it("a transaction counts for its queue, its module and its channel; follow-up work is the channel's, too", () => {
    const ended = (queue: string, outcome: string, count: number): Sample =>
      sample("valence_transactions_total", { queue, type: "pay", outcome }, count);
    const { queues, channels, modules } = of(
      ended("flow.pay", "ok", 5),
      ended("channel.sim", "approved", 4),
      ended("channel.sim.follow", "paid", 1),
      sample("valence_module_messages_total", { module: "channel:sim" }, 7),
    );
    assert.deepEqual(names(queues), ["flow.pay", "channel.sim", "channel.sim.follow"]);
    assert.deepEqual([channels[0]?.name, channels[0]?.count], ["sim", 5]);
    assert.deepEqual(channels[0]?.outcomes, { approved: 4, paid: 1 });
    const module = modules.find(({ name }) => name === "channel:sim");
    assert.deepEqual([module?.count, module?.outcomes], [7, { approved: 4, paid: 1 }], "handlers it ended");
  });

  it("the parts of a transaction stand on top of each other: all of them per transaction", () => {
    const labels = { queue: "channel.sim", type: "pay" };
    const { system, channels, types } = of(
      sample("valence_queue_wait_seconds", labels, 4, 0.04, [4, 0, 0]),
      sample("valence_atoms_seconds", labels, 4, 0.004, [4, 0, 0]),
      sample("valence_transaction_commit_seconds", labels, 4, 0.02, [4, 0, 0]),
      // Two of the four called the institution.
      sample("valence_channel_seconds", { channel: "sim" }, 2, 0.1, [0, 2, 0]),
    );
    for (const view of [system, channels[0]])
      assert.deepEqual(view?.course.meanMs, {
        queueWait: [null, 10, null],
        atoms: [null, 1, null],
        commit: [null, 5, null],
        channel: [null, 25, null],
      });
    assert.equal(system.latency.channel?.meanMs, 50, "of an exchange, where it is looked at alone");
    assert.equal(system.latency.channel?.count, 2);
    assert.equal(types[0]?.latency.queueWait?.p50Ms, 5);
  });

  it("what comes after the decision is nobody's waiting: it is its queue's and no order's", () => {
    const { system, queues } = of(
      sample("valence_queue_wait_seconds", { queue: "notify", type: "pay" }, 1, 9, [0, 0, 1]),
    );
    assert.equal(system.latency.queueWait, undefined);
    assert.equal(queues[0]?.latency.queueWait?.meanMs, 9_000);
  });

  it("only orders' requests are the system's latency", () => {
    const request = (route: string): Sample =>
      sample("valence_request_seconds", { route }, 1, 0.005, [1, 0, 0]);
    const { system } = of(
      request("/v1/orders"),
      request("/v1/transactions/:type"),
      request("/admin/v1/queues"),
    );
    assert.equal(system.latency.request?.count, 2);
  });

  it("a gauge that was looked at and not recorded is 0; one that nobody looked at is unknown", () => {
    const depth = (state: string, sum: number): Sample =>
      sample("valence_queue_messages", { queue: "flow.pay", state }, 1, sum);
    const looked = of(sample(looksMetric, {}, 2), depth("ready", 6), depth("leased", 2), depth("dead", 100));
    assert.deepEqual(looked.system.course.depth, [null, 4, null], "a mean; dead letters are in no queue");
    assert.deepEqual(looked.system.course.inFlight, [null, 0, null]);
  });

  it("nothing at all: a system that did nothing, not an error", () => {
    const { system, queues } = of();
    assert.deepEqual([system.count, system.perS, system.latency, queues], [0, 0, {}, []]);
  });

  it("a series that nobody here knows is left alone", () => {
    assert.equal(of(sample("valence_of_tomorrow", { queue: "x" }, 1)).system.count, 0);
  });
});
