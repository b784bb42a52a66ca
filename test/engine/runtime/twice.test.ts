import assert from "node:assert/strict";
import type { AtomResult } from "../../../engine/atom.js";
import { oneStage, probe } from "../../support/memory/probe.js";

describe("executor: a second execution of a hop, which a bus that delivers twice causes", () => {
  it("that decides otherwise than the first cannot pass the intent the first one left open", async () => {
    let flag = "call";
    let answer: (result: AtomResult) => void = () => undefined;
    const outcomes = { ok: { writes: ["a"] } };
    const decide = probe("decide", () => ({ outcome: "ok", fields: { a: flag } }), { outcomes });
    const call = probe("call", () => new Promise((resolve) => (answer = resolve)), {
      effect: "external",
      outcomes: { ok: { writes: ["b"] } },
      inquire: () => ({ outcome: "ok", fields: { b: "asked" } }),
    });
    const record = probe("record", () => ({ outcome: "ok" }), { effect: "store" });
    const steps = [
      "test.decide",
      { atom: "test.call", when: 'a == "call"' },
      { atom: "test.record", always: true },
    ];
    const world = await oneStage(steps, ["ok"], [decide, call, record]);
    const runId = world.submit({}, "probe");
    await world.settle();
    assert.deepEqual(world.journalOf(runId), ["0.1 intent work"]);
    flag = "skip";
    const [first] = [...world.seen.values()];
    world.publish({ ...first!, messageId: world.random.id() });
    await world.settle();
    assert.deepEqual([world.journalOf(runId), world.stateOf(runId)], [["0.1 intent work"], "open"]);
    answer({ outcome: "ok", fields: { b: "called" } });
    await world.drain();
    assert.deepEqual(world.journalOf(runId), ["0.1 intent work", "0.3 end work ok"]);
    assert.deepEqual([call.calls.length, call.asked.length], [1, 0]);
    assert.deepEqual([...world.database.journal.values()].at(-1)?.data["fields"], { a: "call", b: "called" });
  });
});
