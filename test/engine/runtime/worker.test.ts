import assert from "node:assert/strict";
import { limits } from "../../../engine/limits.js";
import type { OutgoingMessage } from "../../../engine/ports/bus.js";
import { oneStage, probe } from "../../support/memory/probe.js";
import { World } from "../../support/memory/world.js";

const boom = probe("boom", () => {
  throw new Error("poison");
});

describe("worker: a poisonous message", () => {
  it("is given back with a growing delay, then buried, its run parked in the same commit", async () => {
    const times: number[] = [];
    const poison = probe("poison", () => {
      times.push(world.clock.nowMs());
      throw new Error("poison");
    });
    const world = await oneStage(["test.poison"], ["ok"], [poison]);
    const runId = world.submit({}, "probe");
    const commits: string[] = [];
    world.database.beforeWrite = (units) =>
      void commits.push(units.map(({ writes }) => writes.map(({ table }) => table).join("+")).join(" "));
    await world.drain();
    const pauses = times.slice(1).map((atMs, index) => atMs - times[index]!);
    assert.deepEqual(pauses, [100, 400, 1600, 6400, 25_600, 30_000, 30_000]);
    assert.deepEqual(commits, ["deadLetters+runs"]);
    assert.match(world.stateOf(runId), /^parked dead-letter: .*poison/);
    assert.equal(world.deadLetters()[0]?.["deliveries"], limits.deliveriesMax);
  });

  it("harms none of the others in its queue", async () => {
    const world = await World.create();
    const good = [1, 2, 3].map((n) => world.submit({ merchantOrderId: `A-${n}` }));
    const bad = world.submit({ merchantOrderId: "B-1" });
    const [message] = [...world.database.messages.values()].filter(({ body }) => body["runId"] === bad);
    const { messageId, queue, type, body } = message!;
    const fields = { ...(body["fields"] as object), amount: "not a number" };
    world.database.messages.delete(messageId);
    world.publish({ messageId, queue, type, body: { ...body, fields } });
    await world.drain();
    assert.deepEqual(
      good.map((runId) => world.stateOf(runId)),
      Array(3).fill("ended paid"),
    );
    assert.match(world.stateOf(bad), /^parked dead-letter/);
    assert.equal(world.database.messages.size, 0);
  });

  it("that was mended and replayed goes on from where it stood, also in its first hop", async () => {
    let broken = true;
    const flaky = probe("flaky", () => {
      if (broken) throw new Error("not yet");
      return { outcome: "ok" };
    });
    const world = await oneStage(["test.flaky"], ["ok"], [flaky]);
    const runId = world.submit({}, "probe");
    await world.drain();
    assert.match(world.stateOf(runId), /^parked/);
    broken = false;
    assert.equal(await world.host.bus.replay("flow.test"), 1);
    await world.drain();
    assert.equal(world.stateOf(runId), "ended ok");
    assert.equal(world.deadLetters().length, 0);
  });

  it("that died with its intent open and is replayed asks, and does not call again", async () => {
    let broken = true;
    const fails = () => {
      if (broken) throw new Error("no connection");
      return { outcome: "ok" };
    };
    const call = probe("call", fails, { effect: "external", inquire: fails });
    const world = await oneStage(["test.call"], ["ok"], [call]);
    const runId = world.submit({}, "probe");
    await world.drain();
    assert.match(world.stateOf(runId), /^parked/);
    broken = false;
    await world.host.bus.replay("flow.test");
    await world.drain();
    assert.equal(world.stateOf(runId), "ended ok");
    assert.equal(call.calls.length, 1);
  });
});

describe("worker: a message that is buried while another delivery of it is still at work", () => {
  it("parks the run for good: the other one finds its hop taken, and a replay goes on from the last point", async () => {
    let answer: (result: { outcome: string }) => void = () => undefined;
    const slow = probe("slow", () => new Promise((resolve) => (answer = resolve)), {
      effect: "external",
      inquire: () => ({ outcome: "ok" }),
    });
    const world = await oneStage(["test.slow"], ["ok"], [slow]);
    const runId = world.submit({}, "probe");
    await world.settle();
    const [first] = [...world.seen.values()];
    world.publish({ ...first!, messageId: world.random.id(), expiresInMs: -1 });
    await world.settle();
    assert.match(world.stateOf(runId), /^parked dead-letter/);
    answer({ outcome: "ok" });
    await world.drain();
    assert.match(world.stateOf(runId), /^parked dead-letter/);
    assert.deepEqual(world.journalOf(runId), ["0.0 intent work", "0.0 mark work"]);
    await world.host.bus.replay("flow.test");
    await world.drain();
    assert.equal(world.stateOf(runId), "ended ok");
    assert.deepEqual([slow.calls.length, slow.asked.length], [1, 1]);
  });
});

describe("worker: a late duplicate of a finished hop", () => {
  it("that fails for good is buried and does not park the run that has gone on", async () => {
    const world = await World.create({ alpha: { charge: ["deaf"] }, apart: true });
    const runId = world.submit();
    const [first] = [...world.database.messages.values()];
    await world.settle();
    const { messageId, queue, type, body } = first!;
    world.publish({ messageId, queue, type, body, expiresInMs: -1 });
    await world.settle();
    assert.equal(world.deadLetters().length, 1);
    assert.equal(world.stateOf(runId), "open");
    await world.drain();
    assert.equal(world.stateOf(runId), "ended paid");
  });
});

describe("worker: messages that cannot be worked on", () => {
  const base = {
    ...{ runId: "019ca8d7-2d00-7000-8000-000000000077", flow: "probe", type: "probe", stage: "work", hop: 0 },
    ...{ planHash: "?", acceptedAtMs: 1, fields: {}, entries: {}, signalsSeen: 0 },
  };
  const message = (type: string, body: object): Omit<OutgoingMessage, "messageId"> => ({
    ...{ queue: "flow.test", type },
    body: body as OutgoingMessage["body"],
  });
  /** `parked`: a run can be told from it, so it is parked. */
  const rows: readonly (readonly [string, (hash: string) => Omit<OutgoingMessage, "messageId">, boolean])[] =
    [
      ["of an unknown type", () => message("letter", {}), false],
      ["without a body", () => message("run", {}), false],
      ["whose run id is none", () => message("run", { ...base, runId: "17" }), false],
      ["without a hop", (planHash) => message("run", { ...base, planHash, hop: undefined }), false],
      ["whose fields are null", (planHash) => message("run", { ...base, planHash, fields: null }), false],
      [
        "for a stage its flow does not have",
        (planHash) => message("run", { ...base, planHash, stage: "nowhere" }),
        true,
      ],
      [
        "a signal that names no run",
        () => message("signal", { signalId: base.runId, signal: "ping", fields: {} }),
        false,
      ],
      [
        "that has expired",
        (planHash) => ({ ...message("run", { ...base, planHash }), expiresInMs: -1 }),
        true,
      ],
    ];
  for (const [what, build, parked] of rows) {
    it(`${what}: buried on its first delivery${parked ? ", the run parked" : ""}`, async () => {
      const world = await oneStage(["test.boom"], ["ok"], [boom]);
      const planHash = world.host.catalogue.type("probe")?.plan.hash ?? "";
      world.publish({ messageId: world.random.id(), ...build(planHash) });
      await world.settle();
      assert.equal(world.database.messages.size, 0);
      assert.equal(world.deadLetters()[0]?.["deliveries"], 1);
      assert.equal(boom.calls.length, 0);
      assert.deepEqual(
        world.database.rows("runs").map(({ state }) => state),
        parked ? ["parked"] : [],
      );
    });
  }
});

describe("worker: when it is not the message's fault", () => {
  it("a database that is away leaves the message to its lease, and the run goes on afterwards", async () => {
    const world = await World.create();
    const runId = world.submit();
    let writes = 0;
    world.database.beforeWrite = () => {
      if (writes++ === 1) world.database.away = true;
      world.database.reachable();
    };
    await world.advance(120_000);
    assert.deepEqual(world.deadLetters(), []);
    world.database.away = false;
    world.host.kill();
    await world.boot();
    await world.drain();
    assert.equal(world.stateOf(runId), "ended paid");
    assert.equal(world.channels.alpha.charged.length, 1);
  });

  it("stale reference data holds messages back for as long as it takes, and buries none", async () => {
    const world = await World.create();
    const runId = world.submit();
    world.reference.stale = true;
    await world.advance(10 * 60_000);
    assert.deepEqual(world.deadLetters(), []);
    world.reference.stale = false;
    await world.drain();
    assert.equal(world.stateOf(runId), "ended paid");
  });
});
