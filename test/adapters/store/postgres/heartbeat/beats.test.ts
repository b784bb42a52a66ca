import assert from "node:assert/strict";
import { Worker } from "node:worker_threads";
import {
  BeatBoard,
  type Snapshot,
  steadyMs,
} from "../../../../../adapters/store/postgres/heartbeat/board.js";
import { Beats, progressOf } from "../../../../../adapters/store/postgres/heartbeat/beats.js";
import { startHeartbeat } from "../../../../../adapters/store/postgres/heartbeat/heartbeat.js";
import { connect, type Database } from "../../../../../adapters/store/postgres/database.js";
import { PostgresModuleRegistry } from "../../../../../adapters/store/postgres/module-registry.js";
import { systemClock, systemRandom } from "../../../../../adapters/system/clock.js";
import { silent } from "../../../../../engine/ports/telemetry.js";
import { forEachDatabase, type TestDatabase } from "../../../../support/postgres.js";

const counters = (consumed: number, inFlight = 0, oldestAtMs = 0, movedAtMs = 0) => ({
  ...{ consumed, inFlight, oldestAtMs, movedAtMs },
});

describe("the board between the working and the beating thread", () => {
  const snapshot: Snapshot = {
    turnedAtMs: 1_000.25,
    loopDelayMs: 3,
    modules: [counters(2 ** 40, 7, 900, 950), counters(1)],
  };

  it("a second board on the same memory reads what the first one published", () => {
    const board = new BeatBoard(2);
    board.publish(snapshot);
    assert.deepEqual(new BeatBoard(2, board.buffer).read(), snapshot);
  });

  it("time means the same in every thread of the process", async () => {
    const before = steadyMs();
    const worker = new Worker(
      `require("node:worker_threads").parentPort.postMessage(Number(process.hrtime.bigint()) / 1e6)`,
      { eval: true },
    );
    const there = await new Promise<number>((resolve) => worker.once("message", resolve));
    assert.ok(there > before && there < steadyMs());
  });
});

describe("a beat: counters become progress", () => {
  const before = { atMs: 0, consumed: [10] };
  const rows: readonly (readonly [string, Snapshot, Partial<ReturnType<typeof progressOf>[number]>])[] = [
    [
      "ages count to the beat",
      { turnedAtMs: 9_900, loopDelayMs: 2, modules: [counters(110, 2, 4_000, 9_000)] },
      { consumed: 110, consumedPerS: 10, inFlight: 2, oldestInFlightMs: 6_000, movedAgoMs: 1_000 },
    ],
    [
      "nothing under way has no age",
      { turnedAtMs: 9_900, loopDelayMs: 2, modules: [counters(10, 0, 4_000, 9_000)] },
      { consumedPerS: 0, oldestInFlightMs: 0, loopTurnAgoMs: 100, loopDelayMs: 2 },
    ],
    [
      "a loop that does not turn is late by that much",
      { turnedAtMs: 3_000, loopDelayMs: 2, modules: [counters(10)] },
      { loopTurnAgoMs: 7_000, loopDelayMs: 6_000 },
    ],
  ];
  for (const [what, snapshot, expected] of rows)
    it(what, () => {
      const [progress] = progressOf(snapshot, before, 10_000);
      assert.deepEqual({ ...progress, ...expected }, progress);
    });
});

forEachDatabase((name, open) => {
  describe(`heartbeat on ${name}`, () => {
    let fresh: TestDatabase;
    let database: Database;
    let registry: PostgresModuleRegistry;
    const instance = systemRandom.id();
    const row = (module: string) => ({
      ...{ instance, module, host: "test", pid: 1, pidSpace: "", startedTicks: "", version: "0" },
      ...{ queues: ["flow.*"], atoms: {} },
    });

    before(async function () {
      // The first PGlite of a test process is made from nothing.
      this.timeout(60_000);
      fresh = await open();
      database = connect({
        url: fresh.url,
        embedded: fresh.embedded,
        applicationName: "test",
        connectionsMax: 2,
      });
      registry = new PostgresModuleRegistry(database.pool);
    });
    after(async () => {
      await database?.close();
      await fresh?.drop();
    });

    it("every module of the instance is told apart, with what it has paused", async () => {
      await registry.register([row("flow"), row("notify")]);
      const board = new BeatBoard(2);
      board.publish({ turnedAtMs: 900, loopDelayMs: 5, modules: [counters(3, 1, 400, 800), counters(7)] });
      const beats = new Beats(database.pool, board, () => 1_000);
      assert.equal(
        await beats.beat({ instance, modules: ["flow", "notify"], paused: [["flow.pay"], []] }),
        true,
      );
      const seen = (await registry.all()).map(({ module, paused, progress }) => [
        ...[module, paused, progress.consumed, progress.inFlight, progress.oldestInFlightMs],
        ...[progress.movedAgoMs, progress.loopTurnAgoMs, progress.loopDelayMs],
      ]);
      assert.deepEqual(seen, [
        ["flow", ["flow.pay"], 3, 1, 600, 200, 100, 5],
        ["notify", [], 7, 0, 0, 1_000, 100, 5],
      ]);
    });

    it("somebody who was taken out of the registry hears of it, and registers again", async () => {
      await registry.remove(instance);
      const board = new BeatBoard(1);
      let register: () => void = () => undefined;
      const asked = new Promise<void>((resolve) => {
        register = resolve;
      });
      const heartbeat = startHeartbeat({
        ...{
          database,
          url: fresh.url,
          applicationName: "test",
          board,
          clock: systemClock,
          telemetry: silent,
        },
        beating: { instance, modules: ["flow"], paused: [[]] },
        unknown: async () => {
          await registry.register([row("flow")]);
          register();
        },
      });
      await asked;
      await heartbeat.stop();
      assert.deepEqual(
        (await registry.live()).map(({ module }) => module),
        ["flow"],
      );
    });

    it("stopped, it beats no more", async () => {
      const board = new BeatBoard(1);
      const heartbeat = startHeartbeat({
        ...{
          database,
          url: fresh.url,
          applicationName: "test",
          board,
          clock: systemClock,
          telemetry: silent,
        },
        beating: { instance, modules: ["flow"], paused: [[]] },
        unknown: () => Promise.resolve(),
      });
      await heartbeat.stop();
      const [stopped] = await registry.all();
      await new Promise((resolve) => setTimeout(resolve, 1_200));
      const [later] = await registry.all();
      assert.ok(stopped && later && later.beatAgoMs - stopped.beatAgoMs > 1_000);
    });
  });
});
