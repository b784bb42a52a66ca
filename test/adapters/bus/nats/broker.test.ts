/** What only NATS does; what every broker does is in the contract. */
import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import { createNatsBroker } from "../../../../adapters/bus/nats/index.js";
import { systemClock, systemRandom } from "../../../../adapters/system/clock.js";
import { ValenceError } from "../../../../engine/errors.js";
import type { Broker, BrokerEvent } from "../../../../engine/ports/broker.js";
import { silent } from "../../../../engine/ports/telemetry.js";
import { inbox, numbered, publication, sendAll, until } from "../../../support/broker-inbox.js";
import { startNatsServer } from "../../../support/nats-server.js";
import { natsUrl, type NatsWorld, natsWorld } from "../../../support/nats-world.js";

const queue = "flow.pay!high";

describe("NATS broker", () => {
  let world: NatsWorld;
  let broker: Broker;
  let events: BrokerEvent[];

  beforeEach(async () => {
    world = await natsWorld(natsUrl(), { ackWaitMs: 1_000 });
    broker = await world.open();
    events = [];
    broker.on((event) => events.push(event));
  });
  afterEach(() => world.close());

  it("a message waits on disk for a queue nobody has consumed yet", async () => {
    await broker.send(publication(queue));
    const { config } = await world.aside(({ manager }) => manager.streams.info(world.streamOf(queue)));
    assert.equal(config.storage, "file");
    assert.equal(config.retention, "workqueue");
    assert.deepEqual(await broker.queues(), [queue]);
    await inbox(broker, queue).next();
  });

  it("two processes that meet a new queue at the same time share one consumer", async () => {
    const other = await world.open();
    const boxes = [inbox(broker, queue, 1), inbox(other, queue, 1)];
    await sendAll(broker, numbered(queue, 3));
    await Promise.all(boxes.map((box) => box.next()));
    const consumers = await world.aside(({ manager }) =>
      manager.consumers.list(world.streamOf(queue)).next(),
    );
    assert.equal(consumers.length, 1);
  });

  it("a silent holder loses its message, one that says working keeps it", async () => {
    const box = inbox(broker, queue);
    await sendAll(broker, numbered(queue, 2));
    const [kept] = await box.next(2);
    const beat = setInterval(() => kept?.working(), 300);
    await box.next();
    await pause(700);
    clearInterval(beat);
    assert.deepEqual(new Set(box.numbers().slice(2)), new Set([1]));
    assert.ok(box.handed.slice(2).every(({ redelivered }) => redelivered));
  });

  it("a late answer to a queue that was deleted and made again touches none of the new messages", async () => {
    const box = inbox(broker, queue);
    await sendAll(broker, numbered(queue, 1));
    const [old] = await box.next();
    await box.subscription.pause();
    await world.control.deleteQueue(queue);
    // The same sequence in the new stream.
    await sendAll(broker, numbered(queue, 1, 1));
    box.subscription.resume();
    await box.next();
    old?.ack();
    await pause(50);
    assert.deepEqual(await broker.depth(queue), { ready: 0, unsettled: 1 });
    assert.deepEqual(box.numbers(), [0, 1]);
  });

  it("a deleted consumer is made again; what is in work is not handed out a second time here", async () => {
    const box = inbox(broker, queue);
    await sendAll(broker, numbered(queue, 1));
    await box.next();
    await world.control.dropConsumers(queue);
    await until("recovery", () => events.some(({ kind }) => kind === "recovered"));
    await sendAll(broker, numbered(queue, 1, 1));
    await box.next();
    assert.deepEqual(box.numbers(), [0, 1]);
    for (const one of box.handed) one.ack();
    await until("all settled", async () => (await broker.depth(queue))?.unsettled === 0);
    assert.deepEqual(await broker.depth(queue), { ready: 0, unsettled: 0 });
  });

  it("given back after its process has stopped asking: it comes at once, and what is held does not", async () => {
    const box = inbox(broker, queue);
    await sendAll(broker, numbered(queue, 3));
    const [first] = await box.next(3);
    await box.subscription.pause();
    first?.nack();
    const other = inbox(await world.open(), queue);
    const [again] = await other.next();
    assert.equal(again?.redelivered, true);
    await pause(300);
    assert.deepEqual(other.numbers(), [0]);
  });

  it("what was settled while the connection was away is settled when it is back", async () => {
    const box = inbox(broker, queue);
    await sendAll(broker, numbered(queue, 2));
    const held = await box.next(2);
    world.control.sever();
    await until("the loss", () => !broker.connected);
    for (const one of held) one.ack();
    world.control.mend();
    await until("an empty queue", async () => {
      if (!broker.connected) return false;
      const depth = await broker.depth(queue);
      return depth?.ready === 0 && depth.unsettled === 0;
    });
    assert.deepEqual(box.numbers(), [0, 1]);
  });

  it("what cannot be read is kept byte for byte, with the reason", async () => {
    inbox(broker, queue);
    await broker.send(publication(queue));
    await world.control.putForeign(queue, Buffer.from("not ours"));
    await until("kept", async () => (await world.control.setAside()) === 1);
    const stream = `${world.namespace}-malformed`;
    const kept = await world.aside(({ manager }) => manager.streams.getMessage(stream, { seq: 1 }));
    assert.equal(kept?.string(), "not ours");
    assert.match(kept?.header.get("Valence-Why") ?? "", /JSON/);
    assert.ok(world.log.some(({ event }) => event === "broker.message-malformed"));
    assert.deepEqual(await broker.queues(), [queue]);
  });
});

describe("NATS broker that cannot begin", () => {
  const unreachable = async (url: string, says: RegExp): Promise<void> => {
    const options = { clock: systemClock, random: systemRandom, telemetry: silent, instance: "test" };
    await assert.rejects(createNatsBroker({ url, ...options }).open(), (error: unknown) => {
      assert.ok(error instanceof ValenceError);
      assert.equal(error.code, "broker_unreachable");
      assert.match(error.detail, says);
      return true;
    });
  };

  it("nobody there: says where it looked and what to do, without the password", async () => {
    await unreachable("nats://valence:secret@127.0.0.1:1", /^NATS at 127\.0\.0\.1:1: (?!.*secret).*bus URL/);
  });

  it("a wrong password: says so", async () => {
    const url = new URL(natsUrl());
    url.password = "wrong";
    await unreachable(url.href, /[Aa]uthorization/);
  });

  it("a server without JetStream: says how to enable it", async () => {
    const server = await startNatsServer({ jetstream: false });
    try {
      await unreachable(server.url, /JetStream.*nats-server -js/);
    } finally {
      await server.stop();
    }
  });
});
