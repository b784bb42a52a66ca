/** Many messages wait in the database: what the brokers are tried with (test/contract/broker-faults.ts), here, too. */
import assert from "node:assert/strict";
import type { OutgoingMessage } from "../../../../../engine/ports/bus.js";
import { message, pause, type TestProcess, unique } from "../../../../contract/world.js";
import { freshDatabase } from "../../../../support/postgres.js";
import { postgresWorld } from "../../../../support/postgres-world.js";

describe("a backlog on the PostgreSQL bus", function () {
  this.timeout(300_000);
  let world: Awaited<ReturnType<typeof postgresWorld>>;
  let process: TestProcess;
  before(async () => {
    world = await postgresWorld(freshDatabase);
    process = await world.open({ pollIdleMs: 20 });
  });
  after(() => world.drop());

  async function publish(queue: string, total: number, batch: number, text = ""): Promise<void> {
    for (let first = 0; first < total; first += batch) {
      const messages = Array.from({ length: batch }, (_, n): OutgoingMessage =>
        message(queue, { body: { n: first + n, text } }),
      );
      await process.bus.publish(messages);
    }
  }

  const depthOf = async (queue: string): Promise<number | undefined> =>
    (await process.bus.depths()).find((each) => each.queue === queue)?.ready;

  it("100,000 messages of backlog are there, and are worked off", async () => {
    const queue = unique("q");
    const total = 100_000;
    await publish(queue, total, 5_000);
    assert.equal(await depthOf(queue), total);
    const seen = new Set<unknown>();
    const consumer = process.bus.consume({
      queues: () => [queue],
      concurrency: 500,
      handler: async (held) => {
        await process.store.commit({ message: { held, consume: true }, writes: [], publish: [] });
        seen.add(held.body["n"]);
      },
    });
    while (seen.size < total) await pause(100);
    await consumer.stop(1_000);
    assert.equal(await depthOf(queue), undefined);
  });

  it("a slow consumer before a large backlog holds no more than its prefetch", async () => {
    const queue = unique("q");
    const [concurrency, messages, kib] = [20, 4_000, 50];
    await publish(queue, messages, 100, "x".repeat(kib * 1_024));
    let [atWork, atWorkMax, settled] = [0, 0, 0];
    const consumer = process.bus.consume({
      queues: () => [queue],
      concurrency,
      handler: async (held) => {
        atWorkMax = Math.max(atWorkMax, ++atWork);
        await pause(20);
        await process.store.commit({ message: { held, consume: true }, writes: [], publish: [] });
        atWork--;
        settled++;
      },
    });
    while (settled < 100) await pause(10);
    const leased = (await process.bus.depths()).find((each) => each.queue === queue)?.leased ?? 0;
    await consumer.stop(1_000);
    assert.equal(atWorkMax, concurrency);
    assert.ok(leased <= concurrency, `${leased} are held`);
  });
});
