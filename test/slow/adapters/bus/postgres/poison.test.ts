/** The engine's own worker and a message on which it always fails. */
import assert from "node:assert/strict";
import type { AtomPorts } from "../../../../../atoms/define.js";
import { vocabulary } from "../../../../../atoms/index.js";
import { systemClock, systemRandom } from "../../../../../adapters/system/clock.js";
import { limits } from "../../../../../engine/limits.js";
import { silent } from "../../../../../engine/ports/telemetry.js";
import { neverCrash } from "../../../../../engine/runtime/crash-points.js";
import type { RunBody } from "../../../../../engine/runtime/message.js";
import { Worker } from "../../../../../engine/runtime/worker.js";
import { id, insert, message, runRow, unique, until } from "../../../../contract/world.js";
import { freshDatabase, onServer } from "../../../../support/postgres.js";
import { postgresWorld } from "../../../../support/postgres-world.js";

describe("a message on which the worker always fails", () => {
  let world: Awaited<ReturnType<typeof postgresWorld>>;
  before(async () => {
    world = await postgresWorld(freshDatabase);
  });
  after(() => world.drop());

  it("among 200 others: it alone is buried and its run parked in one commit; a replay opens the run again", async () => {
    const process = await world.open({ pollIdleMs: 20 });
    const { bus, store } = process;
    let tries = 0;
    const worker = new Worker({
      ports: {
        ...{ store, bus, clock: systemClock, random: systemRandom, telemetry: silent, crash: neverCrash },
        // The plan of the poisonous run breaks whoever loads it.
        catalogue: {
          plan: () => (tries++, Promise.reject(new Error("broken plan"))),
          plans: () => [],
        } as never,
        atomPorts: {} as AtomPorts,
      },
      atoms: new Map(),
      dictionary: vocabulary.dictionary,
    });
    const queue = unique("flow");
    const row = runRow();
    const run: RunBody = {
      ...{ runId: String(row["runId"]), flow: "pay", planHash: "h", type: "pay", stage: "charge", hop: 1 },
      ...{ acceptedAtMs: 1, fields: { amount: 1 }, entries: {}, signalsSeen: 0 },
    };
    const poison = message(queue, { body: run as unknown as Record<string, unknown> });
    await store.commit({ writes: [insert("runs", row)], publish: [poison] });
    const done = new Set<string>();
    const consumer = bus.consume({
      queues: () => [queue],
      concurrency: 10,
      handler: async (held) => {
        if (held.messageId === poison.messageId) return worker.handle(held);
        await store.commit({ message: { held, consume: true }, writes: [], publish: [] });
        done.add(held.messageId);
      },
    });
    await bus.publish(Array.from({ length: 200 }, () => message(queue, { messageId: id() })));
    await until("all others", () => done.size === 200);
    // Its pauses grow to half a minute: time is made to pass.
    await onServer(world.database.url, (client) =>
      until("it is buried", async () => {
        await client.query("update bus.messages set visible_at = now() where lease_token is null");
        return (await bus.deadLetters(queue, 10)).length === 1;
      }),
    );
    assert.equal(tries, limits.deliveriesMax);
    const [letter] = await bus.deadLetters(queue, 10);
    assert.equal(letter?.messageId, poison.messageId);
    assert.match(letter.reason, /broken plan/);
    const parked = await store.find("runs", { runId: run.runId });
    assert.deepEqual([parked?.["state"], parked?.["body"]], ["parked", run]);
    await consumer.stop(1_000);
    assert.equal(await bus.replay(queue), 1);
    assert.equal((await store.find("runs", { runId: run.runId }))?.["state"], "open");
    assert.deepEqual(
      (await bus.depths()).map(({ ready, dead }) => [ready, dead]),
      [[1, 0]],
    );
  });
});
