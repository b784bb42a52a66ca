/** What only a RabbitMQ of one's own can be made to do. */
import assert from "node:assert/strict";
import type { Broker, BrokerEvent } from "../../../../../engine/ports/broker.js";
import { ownAmqpWorld } from "../../../../support/amqp-world.js";
import { inbox, numbered, publication, sendAll, unique, until } from "../../../../support/broker-inbox.js";

describe("the broker on a RabbitMQ in trouble", function () {
  this.timeout(120_000);
  let world: Awaited<ReturnType<typeof ownAmqpWorld>>;
  let broker: Broker;
  let events: BrokerEvent[];
  before(async () => {
    // A message that is held longer than this costs its holder the channel. RabbitMQ looks once a minute, if not told.
    world = await ownAmqpWorld({ sendMsMax: 3_000 }, ["consumer_timeout = 2000"]);
    await world.ctl("eval", "application:set_env(rabbit, channel_tick_interval, 500).");
  });
  after(() => world?.close());
  beforeEach(async () => {
    broker = await world.open();
    events = [];
    broker.on((event) => events.push(event));
  });
  afterEach(() => broker.close());

  it("a channel that the server closes: only its consumer notices, is made again and goes on", async () => {
    const [slow, quick] = [unique("slow"), unique("quick")];
    const fine = inbox(broker, quick, 10, ({ ack }) => ack());
    const box = inbox(broker, slow, 10);
    await sendAll(broker, numbered(slow, 2));
    const old = await box.next(2);
    await until("its recovery", () => events.some(({ kind }) => kind === "recovered"));
    for (const one of old) one.ack();
    const again = await box.next(2);
    assert.deepEqual(
      again.map((one) => [one.publication.body["n"], one.redelivered]),
      [0, 1].map((n) => [n, true]),
    );
    for (const one of again) one.ack();
    await broker.send(publication(quick));
    await fine.next();
    assert.deepEqual(
      events.map((event) => [
        event.kind,
        "what" in event ? event.what : "",
        "why" in event && /406/.test(event.why),
      ]),
      [["recovered", `the consumer of ${slow}`, true]],
    );
    assert.equal(broker.connected, true);
    await until("an empty queue", async () => (await broker.depth(slow))?.ready === 0);
  });

  it("a server short of memory: nothing is sent, what is there can be worked off; then all is as before", async () => {
    const queue = unique("q");
    await sendAll(broker, numbered(queue, 3));
    await world.ctl("set_vm_memory_high_watermark", "absolute", "1000");
    // The server says so to whoever sends.
    const first = broker.send(publication(queue, { body: { n: 3 } })).catch(() => "rejected");
    await until("the block", () => !broker.connected);
    await assert.rejects(broker.send(publication(queue)), /short of memory or disk/);
    const box = inbox(broker, queue, 1, ({ ack }) => ack());
    await box.next(3);
    const waiting = broker.send(publication(queue, { body: { n: 4 } }));
    await world.ctl("set_vm_memory_high_watermark", "0.4");
    await waiting.catch(async () => {
      await until("the end of the block", () => broker.connected);
      await broker.send(publication(queue, { body: { n: 4 } }));
    });
    await until("the last", () => box.numbers().includes(4));
    await first;
    assert.deepEqual(
      events.map(({ kind }) => kind),
      ["disconnected", "connected"],
    );
  });

  it("connections that an operator closes come back, and so does all that was on them", async () => {
    const queue = unique("q");
    const box = inbox(broker, queue, 10, ({ ack }) => ack());
    await sendAll(broker, numbered(queue, 1));
    await world.ctl("close_all_connections", "maintenance");
    await until("the return", () => events.some(({ kind }) => kind === "connected"));
    await until("the channel", () => broker.connected);
    await sendAll(broker, numbered(queue, 1, 1));
    await until("both", () => box.numbers().includes(1));
  });
});
