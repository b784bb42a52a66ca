import assert from "node:assert/strict";
import { watchQueues, type WatchedQueues } from "../../../../adapters/compose/modules/queue-watch.js";
import { shippedFiles } from "../../../support/shipped.js";
import { World } from "../../../support/memory/world.js";

function watch({ host: { catalogue, bus }, clock }: World, prefix: string): Promise<WatchedQueues> {
  return watchQueues({ catalogue, bus, clock }, prefix);
}

describe("the queues a module serves", () => {
  it("are those of its family that the plans in force name, each once", async () => {
    const world = await World.create();
    assert.deepEqual((await watch(world, "flow.")).queues(), ["flow.close", "flow.pay", "flow.refund"]);
    assert.deepEqual((await watch(world, "feed.")).queues(), ["feed.accounting"]);
  });

  it("follow new definitions at once, and keep an old queue while it holds messages", async () => {
    const world = await World.create();
    const served = await watch(world, "feed.");
    const messageId = world.random.id();
    world.publish({ messageId, queue: "feed.accounting", type: "run", body: {}, delayMs: 60_000 });
    await world.install(
      shippedFiles.map(({ path, text }) => ({
        path,
        text: text.replace('"feed.accounting"', '"feed.books"'),
      })),
    );
    assert.ok(served.queues().includes("feed.books"));
    await world.advance(5_000);
    assert.deepEqual([...served.queues()].sort(), ["feed.accounting", "feed.books"]);
    world.database.messages.delete(messageId);
    await world.advance(5_000);
    assert.deepEqual(served.queues(), ["feed.books"]);

    served.stop();
    await world.install(shippedFiles);
    await world.advance(10_000);
    assert.deepEqual(served.queues(), ["feed.books"], "stopped, it looks no more");
  });
});
