/** Depths, browsing and dead letters. */
import assert from "node:assert/strict";
import { limits } from "../../../engine/limits.js";
import { inbox, insert, journalEntry, message, numbered, pause, runRow, unique, until } from "../world.js";
import { runMessageId } from "../../../engine/runtime/message.js";
import type { BusSuite } from "./suite.js";

export function lettersCases(suite: BusSuite): void {
  it("depths tell ready, delayed, leased and dead apart", async () => {
    const queue = unique("q");
    await suite.process.bus.publish(numbered(queue, 1));
    const box = inbox(suite.process.bus, queue);
    await box.next();
    box.pause();
    await pause(50);
    await suite.process.bus.publish(numbered(queue, 2));
    await suite.process.bus.publish(numbered(queue, 3, { delayMs: 60_000 }));
    await suite.bury(queue, 4);
    const expected = JSON.stringify({ queue, ready: 2, delayed: 3, leased: 1, dead: 4 });
    await until(expected, async () => {
      const { oldestReadyMs, ...depth } = (await suite.depthOf(queue))!;
      assert.ok(oldestReadyMs >= 0);
      return JSON.stringify(depth) === expected;
    });
    await box.stop();
  });

  it("what waits can be looked at without being taken; where the broker shows nothing, the journal tells", async () => {
    const queue = unique("q");
    const { browse } = suite.capabilities;
    const journal = journalEntry({ kind: "end" });
    const { runId } = journal;
    const sent = message(queue, { messageId: runMessageId(runId, 1), body: { runId, hop: 1 } });
    await suite.process.store.commit({
      journal: [{ ...journal, data: { message: { queue, body: sent.body } } }],
      writes: [insert("runs", runRow({ runId }))],
      publish: [sent, message(queue, { delayMs: 60_000 })],
    });
    const states = async (): Promise<string> =>
      (await suite.process.bus.browse(queue, 10))
        .map(({ state, messageId }) => `${state}${messageId === sent.messageId ? " run" : ""}`)
        .sort()
        .join(", ");
    const expected = browse ? "delayed, ready run" : "delayed, journal run";
    await until(expected, async () => (await states()) === expected);
    assert.equal((await suite.process.bus.browse(queue, 1)).length, 1);
  });

  it("dead letters can be read, oldest first, and replayed one by one or all", async () => {
    const queue = unique("q");
    const ids = await suite.bury(queue, 3);
    const letters = await suite.process.bus.deadLetters(queue, 10);
    assert.deepEqual(
      letters.map(({ messageId, reason, body, diedAtMs }) => [messageId, reason, body["n"], diedAtMs]),
      ids.map((messageId, n) => [messageId, "broken", n, 1_700_000_000_000 + n]),
    );
    assert.equal((await suite.process.bus.deadLetters(queue, 2)).length, 2);
    assert.equal(await suite.process.bus.replay(unique("other"), ids), 0);
    const box = inbox(suite.process.bus, queue);
    assert.equal(await suite.process.bus.replay(queue, [ids[1]!]), 1);
    const [risen] = await box.next();
    assert.equal(risen?.messageId, ids[1]);
    assert.ok(risen!.deliveryCount > 1, "whoever works on it has to look at the journal");
    assert.equal(await suite.process.bus.replay(queue), 2);
    await box.next(2);
    assert.equal(await suite.process.bus.replay(queue), 0);
    await box.stop();
  });

  it("a replay takes the run out of the park; one that went on meanwhile is left alone", async () => {
    const queue = unique("q");
    const rows = [runRow({ state: "parked" }), runRow({ state: "waiting" })];
    await suite.process.store.commit({ writes: rows.map((row) => insert("runs", row)), publish: [] });
    for (const { runId } of rows) await suite.bury(queue, 1, { body: { runId } });
    assert.equal(await suite.process.bus.replay(queue), 2);
    const states = rows.map(
      async ({ runId }) => (await suite.process.store.find("runs", { runId }))?.["state"],
    );
    assert.deepEqual(await Promise.all(states), ["open", "waiting"]);
  });

  it("a poisonous message among 200 others ends in the dead letters, and all others are done", async () => {
    const queue = unique("q");
    const done = new Set<unknown>();
    let tries = 0;
    const consumer = suite.process.bus.consume({
      queues: () => [queue],
      concurrency: 10,
      handler: async (held) => {
        if (held.body["n"] !== 100) {
          await suite.settle(held);
          return void done.add(held.body["n"]);
        }
        tries++;
        if (held.deliveryCount < limits.deliveriesMax) return suite.release(held);
        const { messageId, type, body, deliveryCount: deliveries } = held;
        const row = { messageId, queue, type, body, reason: "always", deliveries, diedAt: 1 };
        await suite.process.store.commit({
          message: { held, consume: true },
          writes: [insert("deadLetters", row, "keep")],
          publish: [],
        });
      },
    });
    await suite.process.bus.publish(numbered(queue, 201));
    await until("one dead letter", async () => (await suite.depthOf(queue))?.dead === 1);
    await until("all others", () => done.size === 200);
    assert.equal(tries, limits.deliveriesMax);
    await consumer.stop(1_000);
  });
}
