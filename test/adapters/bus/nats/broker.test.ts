/** What only NATS does; what every broker does is in the contract. */
import assert from "node:assert/strict";
import type { Broker, BrokerEvent, Handed } from "../../../../engine/ports/broker.js";
import { ValenceError } from "../../../../engine/errors.js";
import type { LogEvent } from "../../../../engine/ports/telemetry.js";
import {
  collector,
  eventually,
  freshNamespace,
  natsBroker,
  type NatsOperator,
  natsOperator,
  natsUrl,
  publication,
  removeStreams,
} from "../../../support/nats.js";
import { startNatsServer } from "../../../support/nats-server.js";

const queue = "flow.pay!high";
const stream = (namespace: string): string => `${namespace}+flow_pay=21high`;

describe("NATS broker", () => {
  let namespace: string;
  let broker: Broker;
  let operator: NatsOperator;
  let events: BrokerEvent[];
  const logged: LogEvent[] = [];

  beforeEach(async () => {
    namespace = freshNamespace();
    broker = natsBroker(natsUrl(), namespace, { ackWaitMs: 1_000, logged });
    events = [];
    logged.length = 0;
    broker.on((event) => events.push(event));
    await broker.open();
    operator = await natsOperator(natsUrl());
  });
  afterEach(async () => {
    await broker.close();
    await operator.close();
    await removeStreams(natsUrl(), namespace);
  });

  it("the same publication sent twice is stored once; another publication of the message is another one", async () => {
    const first = publication(queue, "m1");
    await broker.send(first);
    await broker.send(first);
    await broker.send(publication(queue, "m1"));
    assert.deepEqual(await broker.depth(queue), { ready: 2, unsettled: 0 });
  });

  it("a message waits on disk for a queue nobody has consumed yet", async () => {
    await broker.send(publication(queue, "m1"));
    const { config } = await operator.manager.streams.info(stream(namespace));
    assert.equal(config.storage, "file");
    assert.equal(config.retention, "workqueue");
    assert.deepEqual(await broker.queues(), [queue]);
    const { ids, take } = collector();
    broker.subscribe(queue, 5, take);
    await eventually("m1", () => ids.length === 1);
  });

  it("two processes that meet a new queue at the same time share one consumer", async () => {
    const other = natsBroker(natsUrl(), namespace);
    await other.open();
    const [here, there] = [collector(() => undefined), collector(() => undefined)];
    broker.subscribe(queue, 1, here.take);
    other.subscribe(queue, 1, there.take);
    await Promise.all(["m1", "m2", "m3"].map((id) => broker.send(publication(queue, id))));
    await eventually("one each", () => here.ids.length === 1 && there.ids.length === 1);
    await other.close();
    assert.equal((await operator.manager.consumers.list(stream(namespace)).next()).length, 1);
  });

  it("a silent holder loses its message, one that says working keeps it", async () => {
    const handed: Handed[] = [];
    broker.subscribe(queue, 5, (one) => handed.push(one));
    await broker.send(publication(queue, "kept"));
    await broker.send(publication(queue, "lost"));
    await eventually("both", () => handed.length === 2);
    const kept = handed[0] as Handed;
    const beat = setInterval(() => kept.working(), 300);
    await eventually("again", () => handed.length === 3);
    await new Promise((resolve) => setTimeout(resolve, 700));
    clearInterval(beat);
    const again = handed.slice(2);
    assert.deepEqual(new Set(again.map((one) => one.publication.messageId)), new Set(["lost"]));
    assert.ok(again.every((one) => one.redelivered));
  });

  it("a late answer to a queue that was deleted and made again touches none of the new messages", async () => {
    const handed: Handed[] = [];
    const subscription = broker.subscribe(queue, 5, (one) => handed.push(one));
    await broker.send(publication(queue, "old"));
    await eventually("old", () => handed.length === 1);
    await subscription.pause();
    await operator.manager.streams.delete(stream(namespace));
    // The same sequence in the new stream.
    await broker.send(publication(queue, "new"));
    subscription.resume();
    await eventually("new", () => handed.length === 2);
    handed[0]?.ack();
    await operator.connection.flush();
    assert.deepEqual(await broker.depth(queue), { ready: 0, unsettled: 1 });
    assert.equal(handed[1]?.publication.messageId, "new");
  });

  it("a deleted consumer is made again; what is in work is not handed out a second time here", async () => {
    const handed: Handed[] = [];
    broker.subscribe(queue, 5, (one) => handed.push(one));
    await broker.send(publication(queue, "m1"));
    await eventually("m1", () => handed.length === 1);
    const [consumer] = await operator.manager.consumers.list(stream(namespace)).next();
    await operator.manager.consumers.delete(stream(namespace), consumer?.name ?? "");
    await eventually("recovery", () => events.some(({ kind }) => kind === "recovered"));
    await broker.send(publication(queue, "m2"));
    await eventually("m2", () => handed.length === 2);
    assert.deepEqual(
      handed.map((one) => one.publication.messageId),
      ["m1", "m2"],
    );
    handed.forEach((one) => one.ack());
    await eventually("all settled", async () => (await broker.depth(queue))?.unsettled === 0);
    assert.deepEqual(await broker.depth(queue), { ready: 0, unsettled: 0 });
  });

  it("what cannot be read is kept for people and does not come again", async () => {
    const { ids, take } = collector();
    broker.subscribe(queue, 5, take);
    await broker.send(publication(queue, "m1"));
    operator.connection.publish(`${namespace}.queue.flow_pay=21high`, "not ours");
    await broker.send(publication(queue, "m2"));
    await eventually("m2", () => ids.includes("m2"));
    const malformed = `${namespace}-malformed`;
    await eventually("kept", async () => {
      const info = await operator.manager.streams.info(malformed).catch(() => undefined);
      return info?.state.messages === 1;
    });
    await eventually("gone", async () => (await broker.depth(queue))?.ready === 0);
    const kept = await operator.manager.streams.getMessage(malformed, { seq: 1 });
    assert.equal(kept?.string(), "not ours");
    assert.ok(logged.some(({ event }) => event === "broker.message-malformed"));
    assert.deepEqual(await broker.queues(), [queue]);
  });

  it("prefetch is kept while messages are settled one by one", async () => {
    const inHand = new Set<Handed>();
    let most = 0;
    let done = 0;
    broker.subscribe(queue, 4, (handed) => {
      inHand.add(handed);
      most = Math.max(most, inHand.size);
      setTimeout(() => {
        inHand.delete(handed);
        handed.ack();
        done++;
      }, 1);
    });
    await Promise.all(
      Array.from({ length: 200 }, (_, index) => broker.send(publication(queue, `m${index}`))),
    );
    await eventually("all", () => done === 200);
    assert.equal(most, 4);
  });
});

describe("NATS broker that cannot begin", () => {
  const unreachable = async (url: string, says: RegExp): Promise<void> => {
    await assert.rejects(natsBroker(url, "x").open(), (error: unknown) => {
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
