/** A process writes what it counted: once per step, everything, and never in the way of anything else. */
import assert from "node:assert/strict";
import { Recorder } from "../../../adapters/compose/recorder.js";
import { gaugesOf } from "../../../adapters/compose/system-recorder.js";
import { settled, SeededRandom, VirtualClock } from "../../../adapters/memory/clock.js";
import type { Sample, SampleSet } from "../../../engine/ports/series.js";
import type { LogEvent } from "../../../engine/ports/telemetry.js";
import type { SystemLook } from "../../../adapters/compose/system-view.js";

const startMs = Date.UTC(2026, 10, 22, 12, 0, 1, 300);
const counted = (count: number): Sample => ({ metric: "m", labels: {}, count, sum: 0 });

class World {
  readonly clock = new VirtualClock(startMs);
  readonly written: SampleSet[] = [];
  readonly events: LogEvent[] = [];
  fails = false;
  hangs = false;
  count = 0;
  /** The wall clock alone: what is timed goes on. */
  setBackMs = 0;
  readonly recorder = new Recorder({
    clock: {
      nowMs: () => this.clock.nowMs() - this.setBackMs,
      monotonicMs: () => this.clock.monotonicMs(),
      after: (delayMs, callback) => this.clock.after(delayMs, callback),
    },
    random: new SeededRandom(this.clock),
    ...{ instance: "i", service: "flow", host: "h" },
    telemetry: { log: (_level, event) => void this.events.push(event) },
    series: { add: (set) => this.#add(set) },
    collect: () => {
      const samples = this.count === 0 ? [] : [counted(this.count)];
      this.count = 0;
      return samples;
    },
  });

  /** Time passes; `count` is counted in every second of it. */
  async pass(seconds: number, count = 0): Promise<void> {
    for (let tenth = 0; tenth < seconds * 10; tenth++) {
      if (tenth % 10 === 0) this.count += count;
      this.clock.moveTo(this.clock.nowMs() + 100);
      await settled();
    }
  }

  get steps(): readonly (readonly [string, number])[] {
    return this.written.map(({ atMs, samples }) => [
      new Date(atMs).toISOString().slice(14, 19),
      samples.reduce((sum, { count }) => sum + count, 0),
    ]);
  }

  async #add(set: SampleSet): Promise<void> {
    if (this.hangs) await new Promise(() => undefined);
    if (this.fails) throw new Error("the database is away");
    this.written.push(set);
  }
}

describe("recorder", () => {
  it("writes each step after it has ended, under its begin", async () => {
    const world = new World();
    await world.pass(14, 1);
    assert.deepEqual(
      world.steps.map(([at]) => at),
      ["00:00", "00:05", "00:10"],
    );
  });

  it("stops in order: everything that was counted has been written, no step twice", async () => {
    const world = new World();
    await world.pass(9.3, 1);
    world.count += 1;
    await world.recorder.stop();
    assert.equal(
      world.steps.reduce((sum, [, count]) => sum + count, 0),
      11,
    );
    const at = world.steps.map(([each]) => each);
    assert.equal(new Set(at).size, at.length, at.join());
    await world.pass(20);
    assert.equal(world.steps.length, at.length, "and nothing after it");
  });

  it("a clock that is set back writes no step a second time", async () => {
    const world = new World();
    await world.pass(9, 1);
    const seen = world.written.length;
    // The same seconds once more.
    world.setBackMs = 5_000;
    await world.pass(15, 1);
    assert.ok(world.written.length > seen);
    const at = world.written.map(({ atMs }) => atMs);
    assert.deepEqual(at, [...new Set(at)].sort(), "ascending, each once");
    assert.ok((at.at(-1) ?? 0) <= world.clock.nowMs() - world.setBackMs, "and no step that is yet to come");
    await world.recorder.stop();
    assert.equal(
      world.steps.reduce((sum, [, count]) => sum + count, 0),
      24,
      "nothing is lost by it",
    );
  });

  it("a database that is away costs the samples and nothing else, and is said once", async () => {
    const world = new World();
    world.fails = true;
    await world.pass(20, 1);
    assert.deepEqual(
      world.events.map(({ event }) => event),
      ["series.lost"],
    );
    world.fails = false;
    await world.pass(5, 1);
    assert.equal(world.steps.length, 1);
    assert.deepEqual(
      world.events.map(({ event }) => event),
      ["series.lost", "series.recorded-again"],
    );
  });

  it("a database that never answers does not keep the process from stopping", async () => {
    const world = new World();
    await world.pass(1, 1);
    world.hangs = true;
    const stopped = world.recorder.stop();
    await world.pass(3);
    await stopped;
  });
});

describe("gauges of the system", () => {
  const queue = { queue: "flow.pay", ready: 3, delayed: 0, leased: 2, dead: 0, oldestReadyMs: 10 };
  const module = (name: string, inFlight: number, state = "live") => ({
    module: name,
    state,
    progress: { inFlight },
  });
  const look = (queues: unknown[], modules: unknown[]): SystemLook => ({ queues, modules }) as never;
  const told = (samples: readonly Sample[]): readonly string[] =>
    samples.map(({ metric, labels, sum }) => [metric, ...Object.values(labels), sum].join(" "));

  it("an idle system is one row: that somebody looked", () => {
    assert.deepEqual(told(gaugesOf(look([{ ...queue, ready: 0, leased: 0 }], [module("flow", 0)]))), [
      "looks 0",
    ]);
  });

  it("processes of a module are added up; the lost have nothing in flight", () => {
    const modules = [module("flow", 2), module("flow", 3), module("notify", 7, "lost")];
    assert.deepEqual(told(gaugesOf(look([queue], modules))), [
      "looks 0",
      "valence_queue_messages flow.pay ready 3",
      "valence_queue_messages flow.pay leased 2",
      "valence_module_in_flight flow 5",
    ]);
  });
});
