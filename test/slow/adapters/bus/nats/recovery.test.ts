/** NATS killed in mid-traffic, by tests that own their server. */
import { readdirSync, rmSync } from "node:fs";
import path from "node:path";
import type { Broker } from "../../../../../engine/ports/broker.js";
import { collector, eventually, natsBroker, publication } from "../../../../support/nats.js";
import { type NatsServer, startNatsServer } from "../../../../support/nats-server.js";

const queue = "flow.pay";

describe("NATS killed in mid-traffic", function () {
  this.timeout(120_000);
  let server: NatsServer;
  let broker: Broker;
  beforeEach(async () => {
    server = await startNatsServer();
    broker = natsBroker(server.url, "test", { ackWaitMs: 3_000 });
    await broker.open();
  });
  afterEach(async () => {
    await broker.close();
    await server.stop();
  });

  it("kill -9 three times: every confirmed message comes, and nothing stays behind", async () => {
    const confirmed = new Set<string>();
    const { ids, take } = collector();
    broker.subscribe(queue, 50, take);
    let sending = true;
    const send = async (lane: number): Promise<void> => {
      for (let index = 0; sending; index++) {
        const one = publication(queue, `${lane}/${index}`);
        // As the relay does: the same publication until it is confirmed.
        while (sending && !confirmed.has(one.messageId)) {
          await broker.send(one).then(
            () => confirmed.add(one.messageId),
            () => new Promise((resolve) => setTimeout(resolve, 50)),
          );
        }
      }
    };
    const lanes = Promise.all(Array.from({ length: 20 }, (_, lane) => send(lane)));
    for (let death = 0; death < 3; death++) {
      const before = confirmed.size;
      await eventually("traffic", () => confirmed.size > before + 500);
      await server.kill();
      await eventually("the loss is noticed", () => !broker.connected);
      await server.start();
    }
    const before = confirmed.size;
    await eventually("traffic after the last death", () => confirmed.size > before + 500);
    sending = false;
    await lanes;
    const missing = (): readonly string[] => {
      const seen = new Set(ids);
      return [...confirmed].filter((id) => !seen.has(id));
    };
    await eventually("every confirmed message", () => missing().length === 0, 30_000);
    await eventually("an empty queue", async () => {
      const depth = await broker.depth(queue);
      return depth?.ready === 0 && depth.unsettled === 0;
    });
  });

  it("acknowledged messages that a kill -9 brings back do not stay in the queue forever", async () => {
    const backlog = 5_000;
    const held = 5;
    const { ids, take } = collector((handed) => {
      if (Number(handed.publication.messageId) < backlog - held || ids.length > backlog) handed.ack();
    });
    await Promise.all(
      Array.from({ length: backlog }, (_, index) => broker.send(publication(queue, `${index}`))),
    );
    broker.subscribe(queue, 1_000, take);
    await eventually("all", () => ids.length === backlog);
    await eventually("acknowledged", async () => (await broker.depth(queue))?.unsettled === held);
    await server.kill();
    await server.start();
    await broker.close();
    // A new process, which had none of them in hand.
    broker = natsBroker(server.url, "test", { ackWaitMs: 3_000 });
    await broker.open();
    broker.subscribe(queue, 1_000, (handed) => handed.ack());
    await eventually("an empty queue", async () => {
      const depth = await broker.depth(queue);
      return depth?.ready === 0 && depth.unsettled === 0;
    });
  });

  it("a stream that starts again at its first sequence does not leave new messages behind its consumer", async () => {
    const { ids, take } = collector();
    broker.subscribe(queue, 10, take);
    for (const id of ["1", "2", "3"]) await broker.send(publication(queue, id));
    await eventually(
      "an empty queue",
      async () => ids.length === 3 && (await broker.depth(queue))?.unsettled === 0,
    );
    await server.kill();
    await broker.close();
    // What a server (up to 2.11.1) that dies between removing the last block of an emptied stream and writing the
    // next one leaves behind: https://github.com/nats-io/nats-server/pull/6778
    for (const file of readdirSync(path.join(server.store, "jetstream/$G/streams/test+flow_pay/msgs"))) {
      rmSync(path.join(server.store, "jetstream/$G/streams/test+flow_pay/msgs", file));
    }
    await server.start();
    broker = natsBroker(server.url, "test");
    await broker.open();
    for (const id of ["4", "5"]) await broker.send(publication(queue, id));
    const after = collector();
    broker.subscribe(queue, 10, after.take);
    await eventually("what is new", () => after.ids.length === 2);
  });
});
