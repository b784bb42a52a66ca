import assert from "node:assert/strict";
import type { ChannelScript } from "../../adapters/memory/channel.js";
import { World, type WorldOptions } from "../support/memory/world.js";

/** What the outside world can tell afterwards. Which channel was charged is not part of it: once is what counts. */
function traceOf(world: World): Record<string, unknown> {
  const { status, paidBy } = world.order() ?? {};
  return {
    order: status,
    paid: paidBy !== null,
    charged: world.channels.alpha.charged.length + world.channels.beta.charged.length,
    // Which subscriber is done first is up to them.
    runs: world.database
      .rows("runs")
      .map(({ flow, state, reason }) => [flow, state, reason].join(" "))
      .sort(),
    notifications: world.database
      .rows("notifications")
      .map(({ event, status: sent }) => [event, sent].join(" ")),
    /** One id, however often it was sent. */
    webhooks: new Set(world.webhooks.sent.map(({ webhookId }) => webhookId)).size,
    entries: world.database.rows("accountingFeed").length,
    messages: world.database.messages.size,
    dead: world.deadLetters().length,
  };
}

async function play(alpha: ChannelScript, dies?: WorldOptions["dies"]): Promise<World> {
  const world = await World.create({ alpha, ...(dies ? { dies } : {}) });
  world.submit({ notifyUrl: "https://merchant.example/notify" });
  await world.drainWithRestarts();
  return world;
}

const scripts: Readonly<Record<string, ChannelScript>> = {
  approved: {},
  declined: { charge: ["declined"] },
  "pending, then approved": { charge: ["action"], inquire: ["pending", "approved"] },
  "silence after the charge": { charge: ["silence"] },
  "silence before the charge": { charge: ["lost", "approved"] },
  garbage: { charge: ["garbage"] },
  "not sent": { charge: ["notSent", "approved"] },
};

describe("pay: a process is killed", () => {
  for (const [name, script] of Object.entries(scripts)) {
    it(`channel says ${name}: at every crash point, the same end and at most one charge`, async () => {
      const reached: string[] = [];
      const undisturbed = await play(script, (point, { stage }) => {
        reached.push(`${point} ${stage ?? ""}`);
        return false;
      });
      assert.ok(reached.length > 10, "the run passes crash points");
      for (const [index, where] of reached.entries()) {
        let left = index;
        const disturbed = await play(script, () => left-- === 0);
        assert.deepEqual(traceOf(disturbed), traceOf(undisturbed), `killed at ${where} (${index})`);
      }
    });
  }

  it("every point of the list is reached, or belongs to the scheduler", async () => {
    const reached = new Set<string>();
    for (const script of Object.values(scripts)) await play(script, (point) => (reached.add(point), false));
    assert.deepEqual([...reached].sort(), [
      "before-commit",
      "committed",
      "delivered",
      "external-returned",
      "intent-committed",
    ]);
  });

  it("twice, at call and at the inquiry that follows: charged once", async () => {
    const world = await World.create({ dies: (point) => point === "external-returned" });
    const runId = world.submit();
    await world.settle();
    assert.ok(world.host.dead);
    await world.boot((point) => point === "external-returned");
    await world.advance(60_000);
    assert.ok(world.host.dead);
    await world.boot();
    await world.drain();
    assert.equal(world.stateOf(runId), "ended paid");
    const { alpha } = world.channels;
    assert.deepEqual([alpha.countOf("charge"), alpha.countOf("inquire"), alpha.charged.length], [1, 2, 1]);
  });
});
