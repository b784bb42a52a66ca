import assert from "node:assert/strict";
import { limits } from "../../../engine/limits.js";
import { signalMessage, timerMessage } from "../../../engine/runtime/publications.js";
import { probe, probeWorld } from "../../support/memory/probe.js";
import type { World } from "../../support/memory/world.js";

const pass = probe("pass", () => ({ outcome: "ok" }));

/** work -> first (ping, timeout) -> second (pong, timeout) -> end. `first` is never left by a pong. */
const twoWaits = (): Promise<World> =>
  probeWorld(
    {
      work: { transaction: "test.work", queue: "flow.test", on: { ok: "first" } },
      first: { wait: "a ping", timeoutMs: 1000, on: { ping: "second", timeout: "second" } },
      second: { wait: "a pong", timeoutMs: 5000, on: { pong: "end:ponged", timeout: "end:silent" } },
    },
    { "test.work": ["test.pass"] },
    [pass],
  );

/** work -> wait (ping -> work, timeout -> end), at most three times. */
const loop = (): Promise<World> =>
  probeWorld(
    {
      work: { transaction: "test.work", queue: "flow.test", on: { ok: "rest" } },
      rest: {
        wait: "a ping",
        timeoutMs: [1000, 2000],
        entriesMax: 3,
        on: { ping: "work", timeout: "end:silent", exhausted: "park:pinged-too-often" },
      },
    },
    { "test.work": ["test.pass"] },
    [pass],
  );

const states = (world: World): readonly unknown[] => world.database.rows("signals").map(({ state }) => state);

describe("signals: a run in its wait", () => {
  it("takes the signal: the run moves on in the same commit, with the fields the signal brings", async () => {
    const world = await twoWaits();
    const runId = world.submit({}, "probe");
    await world.settle();
    assert.equal(world.stateOf(runId), "waiting a ping");
    world.signal(runId, "ping", { a: "brought" });
    await world.settle();
    assert.equal(world.stateOf(runId), "waiting a pong");
    assert.equal((world.run(runId)["body"] as { fields: Record<string, unknown> }).fields["a"], "brought");
    assert.deepEqual(states(world), ["taken"]);
    assert.deepEqual(world.journalOf(runId), ["0.1 end work ok", "1.0 end first ping"]);
  });

  it("keeps a signal this wait does not take for the wait that follows, even without a stage between", async () => {
    const world = await twoWaits();
    const runId = world.submit({}, "probe");
    await world.settle();
    world.signal(runId, "pong");
    await world.settle();
    assert.deepEqual([world.stateOf(runId), states(world)], ["waiting a ping", ["pending"]]);
    world.signal(runId, "ping");
    await world.settle();
    assert.deepEqual([world.stateOf(runId), states(world)], ["ended ponged", ["taken", "taken"]]);
  });

  it("takes a kept signal also when a timer brings it to the next wait", async () => {
    const world = await twoWaits();
    const runId = world.submit({}, "probe");
    await world.settle();
    world.signal(runId, "pong");
    await world.advance(1000);
    assert.equal(world.stateOf(runId), "ended ponged");
  });

  it("is not moved twice by the same signal delivered twice", async () => {
    const world = await loop();
    const runId = world.submit({}, "probe");
    await world.settle();
    const id = world.signal(runId, "ping");
    await world.settle();
    world.signal(runId, "ping", {}, id);
    await world.settle();
    assert.equal(pingsTaken(world, runId), 1);
    assert.deepEqual([states(world), world.database.messages.size], [["taken"], 0]);
  });

  it("moves on once when two signals arrive at the same moment; the other is for the next wait", async () => {
    const world = await loop();
    const runId = world.submit({}, "probe");
    await world.settle();
    world.signal(runId, "ping");
    world.signal(runId, "ping");
    await world.settle();
    assert.equal(pingsTaken(world, runId), 1, "one from the wait, one on the way into the next");
    assert.deepEqual(states(world), ["taken", "taken"]);
  });
});

const pingsTaken = (world: World, runId: string): number =>
  world.journalOf(runId).filter((line) => line.endsWith("rest ping")).length;

describe("signals: before the wait", () => {
  it("an early signal is stored, and taken when the wait is entered", async () => {
    const world = await loop();
    const runId = world.submit({}, "probe");
    // Three at once: the first moves the run, the others come while a message carries it.
    await world.settle();
    world.signal(runId, "ping");
    world.signal(runId, "ping");
    world.signal(runId, "ping");
    await world.settle();
    // Three pings, three entries: the third wait is the last that may be entered.
    assert.equal(world.stateOf(runId), "parked pinged-too-often");
    assert.deepEqual(states(world), ["taken", "taken", "taken"]);
  });

  it("a signal given between the look and the wait sends the run back to look again", async () => {
    const world = await loop();
    const runId = world.submit({}, "probe");
    let entered = 0;
    await world.settle();
    world.signal(runId, "ping");
    // As the run is about to enter its second wait, another ping is given in a commit of its own.
    world.database.beforeWrite = (units) => {
      const enters = units.some(({ journal = [] }) =>
        journal.some(({ kind, stage }) => kind === "end" && stage === "work"),
      );
      if (!enters || entered++ > 0) return;
      const given = Number(world.run(runId)["signalsGiven"]);
      const signalId = world.random.id();
      const row = {
        signalId,
        runId,
        signal: "ping",
        state: "pending",
        fields: {},
        givenAt: world.clock.nowMs(),
      };
      const key = { runId };
      void world.database.write([
        {
          writes: [
            { kind: "insert", table: "signals", exists: "conflict", row },
            {
              kind: "transition",
              table: "runs",
              key,
              from: ["open"],
              to: "open",
              set: { signalsGiven: given + 1 },
            },
          ],
          publish: [],
        },
      ]);
    };
    await world.settle();
    assert.deepEqual(states(world), ["taken", "taken"]);
    assert.equal(world.stateOf(runId), "waiting a ping");
    assert.equal((world.run(runId)["body"] as { entries: Record<string, number> }).entries["rest"], 3);
  });

  it("for a run that has no row yet is held back, and buried when it never comes", async () => {
    const world = await loop();
    world.signal(world.random.id(), "ping");
    await world.drain();
    assert.equal(world.deadLetters().length, 1);
    assert.equal(world.deadLetters()[0]?.["deliveries"], limits.deliveriesMax);
  });
});

describe("signals: after the wait", () => {
  it("for a run that has ended is kept as late", async () => {
    const world = await loop();
    const runId = world.submit({}, "probe");
    await world.drain();
    assert.equal(world.stateOf(runId), "ended silent");
    world.signal(runId, "ping");
    await world.drain();
    assert.deepEqual([states(world), world.stateOf(runId)], [["late"], "ended silent"]);
  });

  it("for a parked run is kept for the person who decides", async () => {
    const world = await loop();
    const runId = world.submit({}, "probe");
    for (let pings = 0; pings < 3; pings++) {
      await world.settle();
      world.signal(runId, "ping");
    }
    await world.settle();
    assert.equal(world.stateOf(runId), "parked pinged-too-often");
    world.signal(runId, "ping");
    await world.settle();
    assert.deepEqual(states(world).at(-1), "pending");
    assert.equal(world.run(runId)["signalsGiven"], 1);
  });
});

describe("timers", () => {
  it("each entry into a wait has its own timeout, the last one repeats", async () => {
    const world = await loop();
    const runId = world.submit({}, "probe");
    const due: number[] = [];
    for (let entry = 0; entry < 3; entry++) {
      await world.settle();
      const { hop } = world.run(runId);
      const timer = world.database.find("timers", { runId, hop });
      due.push(Number(timer?.["dueAt"]) - world.clock.nowMs());
      world.signal(runId, "ping");
    }
    assert.deepEqual(due, [1000, 2000, 2000]);
  });

  it("the timer of an older wait of the same stage moves nothing", async () => {
    const world = await loop();
    const runId = world.submit({}, "probe");
    await world.settle();
    world.signal(runId, "ping");
    await world.advance(1000);
    assert.equal(
      world.stateOf(runId),
      "waiting a ping",
      "the first timer has fired, the second wait goes on",
    );
    await world.advance(1000);
    assert.equal(world.stateOf(runId), "ended silent");
    assert.deepEqual(states(world), ["taken"], "timers leave no signals");
  });

  it("a timer fired twice ends the wait once", async () => {
    const world = await twoWaits();
    const runId = world.submit({}, "probe");
    await world.settle();
    const hop = Number(world.run(runId)["hop"]);
    const timer = () => timerMessage({ runId, hop, signal: "timeout" });
    world.publish(timer());
    await world.settle();
    world.publish(timer());
    await world.settle();
    assert.equal(world.stateOf(runId), "waiting a pong");
    assert.deepEqual([world.database.messages.size, world.deadLetters().length], [0, 0]);
  });

  it("and signal at the same moment: one of them wins", async () => {
    const world = await loop();
    const runId = world.submit({}, "probe");
    await world.settle();
    world.clock.moveTo(world.clock.nowMs() + 1000);
    world.signal(runId, "ping");
    await world.fireTimers();
    await world.settle();
    assert.equal(world.stateOf(runId), "waiting a ping");
    assert.equal(world.journalOf(runId).filter((line) => line.startsWith("1.")).length, 1);
  });

  it("that fails for good parks the run that would have waited for ever", async () => {
    const world = await loop();
    const runId = world.submit({}, "probe");
    await world.settle();
    const { body } = world.run(runId) as { body: object };
    // The run has entered as many stages as any run may.
    const far = { ...body, hop: limits.hopsMax };
    const key = { runId };
    const set = { body: far, hop: limits.hopsMax };
    await world.database.write([
      {
        writes: [{ kind: "transition", table: "runs", key, from: ["waiting"], to: "waiting", set }],
        publish: [],
      },
    ]);
    world.publish(signalMessage({ signalId: world.random.id(), runId, signal: "ping", fields: {} }));
    await world.settle();
    assert.equal(world.stateOf(runId), "waiting a ping", "any other signal leaves it its timer");
    // `timeout` ends this flow, which needs no further hop; a ping with a timer's hop stands for one that would.
    world.publish(timerMessage({ runId, hop: limits.hopsMax, signal: "ping" }));
    await world.settle();
    assert.match(world.stateOf(runId), /^parked dead-letter: .*hops_exhausted/);
    assert.equal(world.deadLetters().length, 2);
  });
});
