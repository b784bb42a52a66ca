import assert from "node:assert/strict";
import { World } from "../../support/memory/world.js";
import { probe, probeWorld } from "../../support/memory/probe.js";
import type { ChannelScript } from "../../../adapters/memory/channel.js";
import type { OutgoingMessage } from "../../../engine/ports/bus.js";

const silentForMs = 60_000;

/** Takes the run's message away as soon as hop `hop` of flow `flow` is in the broker. */
async function loseHop(world: World, flow: string, hop: number): Promise<OutgoingMessage | undefined> {
  let lost: OutgoingMessage | undefined;
  const publish = world.database.publish.bind(world.database);
  world.database.publish = (message, ...rest) => {
    const isIt = message.body["hop"] === hop && message.body["flow"] === flow && message.type === "run";
    if (isIt && !lost) lost = message;
    else publish(message, ...rest);
  };
  await world.settle();
  return lost;
}

describe("sweep: a message that was lost", () => {
  const scripts: Readonly<Record<string, readonly [ChannelScript, readonly number[]]>> = {
    approved: [{}, [1, 2]],
    "not sent": [{ charge: ["notSent", "notSent"] }, [1, 2, 3]],
    "garbage, then found": [{ charge: ["garbage"], inquire: ["approved"] }, [1, 2, 3]],
  };
  for (const [name, [alpha, hops]] of Object.entries(scripts)) {
    for (const hop of hops) {
      it(`channel says ${name}, hop ${hop}: it is rebuilt as it was, and the order is paid`, async () => {
        const world = await World.create({ alpha, apart: true });
        const runId = world.submit();
        const lost = await loseHop(world, "pay", hop);
        assert.ok(lost, "the run gets that far");
        await world.advance(silentForMs + 1);
        const [rebuilt, ...more] = await world.sweep(silentForMs);
        assert.deepEqual(more, []);
        // Replies and claims belong to the moment; the message itself is what counts.
        const { messageId, queue, type, body } = lost;
        assert.deepEqual(JSON.parse(JSON.stringify(rebuilt)), {
          ...{ messageId, queue, type },
          body: { ...(JSON.parse(JSON.stringify(body)) as object), republished: true },
        });
        world.publish(rebuilt!);
        await world.drain();
        assert.equal(world.stateOf(runId), "ended paid");
      });
    }
  }

  it("published while it was not lost at all changes nothing", async () => {
    const world = await World.create({ alpha: { charge: ["deaf"] } });
    const runId = world.submit();
    await world.advance(1000);
    for (const message of await world.sweep(999)) world.publish(message);
    await world.drain();
    assert.equal(world.stateOf(runId), "ended paid");
    assert.equal(world.channels.alpha.charged.length, 1);
  });

  for (const killed of [false, true])
    it(`after an intent${killed ? " whose owner was killed" : ""} carries what was written before the intent`, async () => {
      const set = probe("set", () => ({ outcome: "ok", fields: { a: "before" } }), {
        outcomes: { ok: { writes: ["a"] } },
      });
      const call = probe("call", () => ({ outcome: "ok" }), {
        effect: "external",
        inquire: () => ({ outcome: "ok" }),
      });
      const pass = probe("pass", () => ({ outcome: "ok" }));
      // It looks at rows, so the run comes to it by a message.
      const look = probe("look", () => ({ outcome: "ok" }), { reads: ["a"], readsRows: true });
      const work = (transaction: string, next: string) => ({
        transaction,
        queue: "flow.test",
        on: { ok: next },
      });
      const world = await probeWorld(
        {
          one: work("test.one", "two"),
          two: work("test.two", "three"),
          three: work("test.three", "end:done"),
        },
        { "test.one": ["test.pass"], "test.two": ["test.set", "test.call"], "test.three": ["test.look"] },
        [set, call, pass, look],
        { dies: (point) => killed && point === "external-returned" },
      );
      const runId = world.submit({}, "probe");
      const lost = await loseHop(world, "probe", 2);
      assert.equal(lost === undefined, killed);
      if (killed) await world.boot();
      await world.advance(silentForMs * 2);
      assert.equal(call.asked.length, killed ? 1 : 0);
      const [rebuilt] = await world.sweep(silentForMs);
      assert.equal((rebuilt?.body["fields"] as Record<string, unknown>)["a"], "before");
      world.publish(rebuilt!);
      await world.drain();
      assert.equal(world.stateOf(runId), "ended done");
    });
});
