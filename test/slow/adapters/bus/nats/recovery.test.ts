/** NATS killed in mid-traffic, by tests that own their server: what only NATS does wrong, and what we do about it. */
import type { ServerWorld } from "../../../../contract/broker-world.js";
import { inbox, numbered, sendAll, until } from "../../../../support/broker-inbox.js";
import { type NatsWorld, ownNatsWorld } from "../../../../support/nats-world.js";

const queue = "flow.pay";

describe("NATS killed in mid-traffic", function () {
  this.timeout(120_000);
  let world: NatsWorld & ServerWorld;
  before(async () => {
    world = await ownNatsWorld({ ackWaitMs: 3_000 });
  });
  after(() => world.close());

  it("acknowledged messages that a kill -9 brings back do not stay in the queue forever", async () => {
    const [backlog, held] = [5_000, 5];
    const before = await world.open();
    await sendAll(before, numbered(queue, backlog));
    const box = inbox(before, queue, 1_000, ({ publication: { body }, ack }) => {
      if (Number(body["n"]) < backlog - held) ack();
    });
    await box.next(backlog);
    await until("all but a few acknowledged", async () => (await before.depth(queue))?.unsettled === held);
    await world.killServer();
    await world.startServer();
    await before.close();
    // A new process, which had none of them in hand.
    const after = await world.open();
    inbox(after, queue, 1_000, ({ ack }) => ack());
    await until("an empty queue", async () => {
      const depth = await after.depth(queue);
      return depth?.ready === 0 && depth.unsettled === 0;
    });
  });
});
