import assert from "node:assert/strict";
import type { AtomResult } from "../../../engine/atom.js";
import { limits } from "../../../engine/limits.js";
import type { JournalRow } from "../../../adapters/memory/database.js";
import { oneStage, probe, probeWorld } from "../../support/memory/probe.js";
import { World } from "../../support/memory/world.js";

const external = { effect: "external" } as const;
const always = (atom: string) => ({ atom, always: true });

/** An external atom behind an intent. */
function caller(run: Parameters<typeof probe>[1], inquire = run) {
  const outcomes = { ok: { writes: ["b"] } };
  return probe("call", run, { ...external, outcomes, inquire });
}
const record = probe("record", () => ({ outcome: "ok" }), { effect: "store" });

const ended = (entry: JournalRow | undefined): unknown => entry?.data["fields"];

describe("executor: durable points", () => {
  it("pure steps commit nothing before the end of the transaction", async () => {
    const steps = ["x", "y", "z"].map((name) => probe(name, () => ({ outcome: "ok" })));
    const world = await oneStage(["test.x", "test.y", "test.z"], ["ok"], steps);
    const batches: number[] = [];
    world.database.beforeWrite = (units) => void batches.push(units.length);
    const runId = world.submit({}, "probe");
    await world.drain();
    assert.deepEqual(batches, [1]);
    assert.deepEqual(world.journalOf(runId), ["0.3 end work ok"]);
  });

  it("an intent is durable, with everything before it, when the call begins", async () => {
    const before: (readonly string[])[] = [];
    const set = probe("set", () => ({ outcome: "ok", fields: { a: "1" } }), {
      outcomes: { ok: { writes: ["a"] } },
    });
    const call = caller(() => {
      before.push(world.journalOf(runId), [world.stateOf(runId)]);
      return { outcome: "ok", fields: { b: "2" } };
    });
    const world = await oneStage(
      ["test.set", "test.call", always("test.record")],
      ["ok"],
      [set, call, record],
    );
    const runId = world.submit({}, "probe");
    await world.drain();
    assert.deepEqual(before, [["0.1 intent work"], ["open"]]);
    assert.deepEqual(world.journalOf(runId), ["0.1 intent work", "0.3 end work ok"]);
    const entries = [...world.database.journal.values()];
    assert.deepEqual(
      entries.map(ended),
      [{ a: "1" }, { a: "1", b: "2" }],
      "each point repeats what was before",
    );
  });

  it("an idempotent call needs a barrier only when something would be lost", async () => {
    const store = probe(
      "store",
      () => ({
        outcome: "ok",
        writes: [
          { kind: "insert", table: "timers", row: { runId: world.random.id(), hop: 1 }, exists: "keep" },
        ],
      }),
      { effect: "store" },
    );
    const send = probe("send", () => ({ outcome: "ok" }), {
      ...external,
      reads: ["orderId"],
      idempotentBy: "orderId",
    });
    const world = await oneStage(["test.send", "test.store", "test.send"], ["ok"], [store, send]);
    const runId = world.submit({}, "probe");
    await world.settle();
    assert.deepEqual(world.journalOf(runId), ["0.2 barrier work", "0.3 end work ok"]);
  });
});

describe("executor: which steps run", () => {
  /** What `first` ends with, what that means, the steps that run, whether `third` has its condition, the end. */
  const rows: readonly (readonly [string, string, string, boolean, string])[] = [
    ["ok", "runs all of them", "first second third last", true, "late"],
    ["no", "ends early; always steps run", "first last", true, "no"],
    ["ok", "a condition that is false skips its step", "first second last", false, "late"],
  ];
  for (const [outcome, what, expected, flag, end] of rows) {
    it(`first ends ${outcome}: ${what}`, async () => {
      const ran: string[] = [];
      const named = (name: string, says = "ok") =>
        probe(name, () => (ran.push(name), { outcome: says }), { outcomes: { ok: {}, no: {}, late: {} } });
      const probes = [named("first", outcome), named("second"), named("third"), named("last", "late")];
      const world = await probeWorld(
        {
          work: {
            transaction: "test.work",
            queue: "flow.test",
            on: { ok: "end:ok", no: "end:no", late: "end:late" },
          },
        },
        {
          "test.work": [
            "test.first",
            "test.second",
            { atom: "test.third", when: flag ? "type == 'probe'" : "type == 'other'" },
            always("test.last"),
          ],
        },
        probes,
      );
      const runId = world.submit({}, "probe");
      await world.drain();
      assert.equal(ran.join(" "), expected);
      // An always step's own outcome counts only when nothing has ended the transaction before.
      assert.equal(world.stateOf(runId), `ended ${end}`);
    });
  }

  it("an atom sees the fields it declares and no others", async () => {
    const seen: unknown[] = [];
    const look = probe("look", (input) => (seen.push(input), { outcome: "ok" }), {
      reads: ["merchantId"],
      readsIfPresent: ["amount", "method"],
    });
    const world = await oneStage(["test.look"], ["ok"], [look]);
    world.submit({}, "probe");
    await world.drain();
    assert.deepEqual(seen, [{ merchantId: "m1", amount: 1000 }]);
  });
});

describe("executor: steps that fail", () => {
  it("a pure step is tried again as often as the definition says, in the same delivery", async () => {
    let left = 2;
    const flaky = probe("flaky", () => {
      if (left-- > 0) throw new Error("not yet");
      return { outcome: "ok" };
    });
    const world = await oneStage([{ atom: "test.flaky", retry: { max: 2, delayMs: 50 } }], ["ok"], [flaky]);
    const runId = world.submit({}, "probe");
    await world.drain();
    assert.equal(world.stateOf(runId), "ended ok");
    assert.deepEqual(
      flaky.calls.map(({ delivery }) => delivery),
      [1, 1, 1],
    );
  });

  it("a call behind an intent is never tried again: it is asked about, once its send window is over", async () => {
    const times: number[] = [];
    const call = caller(
      () => {
        throw new Error("connection reset");
      },
      () => (times.push(world.clock.monotonicMs()), { outcome: "ok", fields: { b: "found" } }),
    );
    const world = await oneStage(["test.call", always("test.record")], ["ok"], [call, record]);
    const runId = world.submit({}, "probe");
    await world.drain();
    assert.equal(world.stateOf(runId), "ended ok");
    assert.deepEqual([call.calls.length, call.asked.length], [1, 1]);
    assert.ok(times[0]! >= limits.sendWindowMs + limits.clockSkewMsMax);
    assert.equal(
      world.host.log.filter(({ event }) => event === "delivery.failed").length,
      1,
      "waiting is no failure",
    );
  });

  it("a step that does not end is revoked, and what it brings later is ignored", async () => {
    let late: (value: AtomResult) => void = () => undefined;
    const slow = probe(
      "slow",
      (_, { delivery }) =>
        delivery > 1
          ? { outcome: "ok", fields: { a: "second" } }
          : new Promise<AtomResult>((resolve) => void (late = resolve)),
      { outcomes: { ok: { writes: ["a"] } } },
    );
    const world = await oneStage([{ atom: "test.slow", timeoutMs: 100 }], ["ok"], [slow]);
    const runId = world.submit({}, "probe");
    await world.advance(360);
    assert.equal(slow.calls[0]?.signal.aborted, true);
    late({ outcome: "ok", fields: { a: "late" } });
    await world.drain();
    assert.equal(world.stateOf(runId), "ended ok");
    assert.deepEqual(ended([...world.database.journal.values()].at(-1)), { a: "second" });
  });

  it("a call whose intent took longer to commit than it may send for is not made", async () => {
    const call = caller(() => ({ outcome: "ok", fields: { b: "x" } }));
    const world = await oneStage(["test.call", always("test.record")], ["ok"], [call, record]);
    const commit = world.host.store.commit.bind(world.host.store);
    Object.assign(world.host.store, {
      commit: async (unit: Parameters<typeof commit>[0]) => {
        const result = await commit(unit);
        if (unit.journal?.[0]?.kind === "intent")
          world.clock.moveTo(world.clock.nowMs() + limits.sendWindowMs);
        return result;
      },
    });
    const runId = world.submit({}, "probe");
    await world.drain();
    assert.deepEqual([call.calls.length, call.asked.length], [0, 1]);
    assert.equal(world.stateOf(runId), "ended ok");
  });

  const defects: readonly (readonly [string, object])[] = [
    ["an outcome it does not declare", { outcome: "surprise" }],
    ["an outcome named like a member of Object", { outcome: "constructor" }],
    ["a field it does not declare", { outcome: "ok", fields: { a: "1", b: "2" } }],
    ["not the field it promises", { outcome: "ok", fields: {} }],
  ];
  for (const [what, result] of defects) {
    it(`an atom that brings ${what}: dead letter, and the run is parked`, async () => {
      const bad = probe("bad", () => result as never, { outcomes: { ok: { writes: ["a"] } } });
      const world = await oneStage([{ atom: "test.bad", retry: { max: 3, delayMs: 1 } }], ["ok"], [bad]);
      const runId = world.submit({}, "probe");
      await world.drain();
      assert.match(world.stateOf(runId), /^parked dead-letter: .*(outcome|field)_undeclared/);
      assert.equal(world.deadLetters().length, 1);
      assert.equal(bad.calls.length, limits.deliveriesMax, "a defect is not tried again within a delivery");
      assert.equal(world.database.messages.size, 0);
    });
  }
});

describe("executor: a lost guard", () => {
  const guarded = probe(
    "guarded",
    ({ b = "none" }, { run }) => ({
      outcome: "ok",
      fields: { c: "written" },
      reply: { fields: { c: "written" } },
      writes: [
        { kind: "transition", table: "payments", key: { paymentId: run.runId }, from: ["x"], to: String(b) },
      ],
    }),
    { effect: "store", guarded: true, readsIfPresent: ["b"], outcomes: { ok: { writes: ["c"] } } },
  );
  const set = probe("set", () => ({ outcome: "ok", fields: { a: "1" } }), {
    outcomes: { ok: { writes: ["a"] } },
  });
  const note = probe("note", () => ({ outcome: "ok" }));

  it("takes everything with it but what the world has answered", async () => {
    const call = caller(() => ({ outcome: "ok", fields: { b: "charged" } }));
    const seen: unknown[] = [];
    const look = probe("look", (input) => (seen.push(input), { outcome: "ok" }), {
      readsIfPresent: ["a", "b", "c"],
    });
    const world = await probeWorld(
      {
        work: {
          transaction: "test.work",
          queue: "flow.test",
          on: { ok: "end:ok", conflict: "again" },
        },
        again: { transaction: "test.again", queue: "flow.test", on: { ok: "park:looked" } },
      },
      {
        "test.work": ["test.call", "test.set", always("test.record"), "test.guarded", always("test.note")],
        "test.again": ["test.look"],
      },
      [call, set, record, guarded, note, look],
    );
    const runId = world.submit({}, "probe");
    await world.drain();
    assert.deepEqual(seen, [{ b: "charged" }]);
    assert.deepEqual(world.replies, []);
    assert.equal(note.calls.length, 1, "always steps had run and do not run again for the conflict");
    assert.deepEqual(world.journalOf(runId), [
      "0.0 intent work",
      "0.5 end work conflict",
      "1.1 end again ok",
    ]);
  });
});

describe("executor: replies", () => {
  const answer = probe("answer", () => ({ outcome: "ok", reply: { fields: { a: "hello" } } }), {
    effect: "store",
  });

  it("leave after the commit, and not when it fails", async () => {
    const world = await oneStage(["test.answer"], ["ok"], [answer]);
    world.database.beforeWrite = () =>
      assert.deepEqual(world.replies, [], "nothing leaves before it is durable");
    const runId = world.submit({}, "probe");
    await world.drain();
    assert.deepEqual(world.replies, [{ correlationId: runId, fields: { a: "hello" } }]);
  });

  it("of a delivery that lost its lease are never sent", async () => {
    const world = await oneStage(["test.answer"], ["ok"], [answer]);
    world.database.beforeWrite = () => {
      for (const message of world.database.messages.values()) message.token = "another";
    };
    world.submit({}, "probe");
    await world.settle();
    assert.deepEqual([world.replies, world.database.rows("runs")], [[], []]);
    assert.ok(world.host.log.some(({ event }) => event === "delivery.superseded"));
    assert.ok(!world.host.log.some(({ event }) => event === "delivery.failed"));
  });
});

describe("executor: a message that comes again", () => {
  it("after its hop was finished is consumed without effect", async () => {
    const world = await World.create({ apart: true });
    const runId = world.submit({ notifyUrl: "https://merchant.example/n" });
    await world.drain();
    const before = [world.journalOf(runId), world.database.rows("payments"), world.webhooks.sent.length];
    const again = [...world.seen.values()].filter(({ type }) => type === "run");
    assert.ok(again.length >= 4, "three hops of pay, one of notify");
    for (const message of again) world.publish(message);
    await world.drain();
    // An idempotent call without an intent is repeated under the same key; everything else is not.
    assert.deepEqual([world.journalOf(runId), world.database.rows("payments")], before.slice(0, 2));
    assert.equal(new Set(world.webhooks.sent.map(({ webhookId }) => webhookId)).size, 1);
    assert.equal(world.channels.alpha.charged.length, 1);
    assert.deepEqual([world.database.messages.size, world.deadLetters().length], [0, 0]);
  });

  it("while its first owner, who is slow, still works: one of them wins, the payer is charged once", async () => {
    const world = await World.create({ alpha: { charge: ["deaf"] } });
    const runId = world.submit();
    await world.settle();
    world.host.stall();
    await world.join();
    await world.drain();
    assert.equal(world.stateOf(runId), "ended paid");
    assert.deepEqual([world.channels.alpha.countOf("charge"), world.channels.alpha.charged.length], [1, 1]);
  });

  it("finds its intent: nobody asks before the send window is over", async () => {
    const world = await World.create({ dies: (point) => point === "intent-committed" });
    world.submit();
    await world.settle();
    await world.boot();
    // The lease of the dead is taken at once, as the scheduler does when a process stops beating.
    for (const message of world.database.messages.values()) message.visibleAtMs = world.clock.nowMs();
    await world.advance(limits.sendWindowMs + limits.clockSkewMsMax - 1);
    assert.deepEqual(world.channels.alpha.calls, []);
    await world.advance(1);
    assert.deepEqual(world.channels.alpha.calls.map(({ operation }) => operation).slice(0, 1), ["inquire"]);
    await world.drain();
    assert.equal(world.order()?.["status"], "paid");
    assert.equal(world.channels.alpha.charged.length, 1);
  });
});

describe("executor: bounds", () => {
  it("a run that enters more stages than any run may is parked", async () => {
    const spin = probe("spin", () => ({ outcome: "ok" }));
    const world = await probeWorld(
      {
        work: { transaction: "test.work", queue: "flow.test", on: { ok: "rest" } },
        rest: {
          wait: "a ping",
          timeoutMs: 1000,
          entriesMax: 100,
          on: { ping: "work", timeout: "work", exhausted: "end:tired" },
        },
      },
      { "test.work": ["test.spin"] },
      [spin],
    );
    const runId = world.submit({}, "probe");
    await world.drain();
    assert.equal(world.stateOf(runId), "ended tired", "a wait's own bound comes first");
    const message = [...world.seen.values()].find(({ body }) => body["hop"] === 0);
    const far = {
      ...message!,
      messageId: world.random.id(),
      body: { ...message!.body, runId: world.random.id(), hop: limits.hopsMax - 1 },
    };
    world.publish(far);
    await world.drain();
    assert.match(world.stateOf(far.body.runId), /^parked dead-letter: .*hops_exhausted/);
  });

  it("a plan this process does not hold: given back without an end, until somebody has it", async () => {
    const world = await World.create();
    const runId = world.submit();
    const [message] = [...world.database.messages.values()];
    Object.assign(message!, { body: { ...message!.body, planHash: "unheard-of" } });
    await world.advance(60_000);
    assert.deepEqual(world.deadLetters(), []);
    assert.ok(message!.deliveryCount <= 2, "it is not the message's fault");
    Object.assign(message!, {
      body: { ...message!.body, planHash: world.host.catalogue.type("pay")?.plan.hash },
    });
    await world.drain();
    assert.equal(world.stateOf(runId), "ended paid");
  });
});
