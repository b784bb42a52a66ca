/**
 * The conformance suite of the Broker port: what can be tried in a moment, against the real server. What takes longer
 * or breaks things is in broker-faults.ts.
 */
import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import type { Broker } from "../../engine/ports/broker.js";
import { inbox, numbered, publication, sendAll, unique, until } from "../support/broker-inbox.js";
import type { BrokerWorld } from "./broker-world.js";

/** Names that the engine gives to queues. */
const names = [
  "flow.pay",
  "flow.pay!high",
  "channel.x.follow",
  "order.paid@notify",
  "channel.bank-2_b.follow!high",
];

export function brokerContract(name: string, open: () => Promise<BrokerWorld>): void {
  describe(`broker contract: ${name}`, () => {
    let world: BrokerWorld;
    let broker: Broker;
    before(async function () {
      this.timeout(60_000);
      world = await open();
      broker = await world.open();
    });
    after(async function () {
      this.timeout(60_000);
      await world?.close();
    });

    it("a message arrives with everything it was sent with", async () => {
      const queue = unique("q");
      const sent = publication(queue, {
        body: { amount: 12_345, subject: "Füße & 漢字 \u0000", nested: { list: [1, null, true] } },
        correlationId: "c-1",
        replyTo: "reply.1",
        deliveryCount: 3,
        readyAtMs: 1_800_000_000_001,
        expiresAtMs: 4_102_444_800_999,
      });
      await broker.send(sent);
      const box = inbox(broker, queue);
      const [handed] = await box.next();
      assert.deepEqual(handed?.publication, sent);
      assert.equal(handed?.redelivered, false);
      handed?.ack();
      await box.subscription.stop();
    });

    it("what was not said is not there", async () => {
      const queue = unique("q");
      const sent = publication(queue);
      await broker.send(sent);
      const box = inbox(broker, queue);
      const [handed] = await box.next();
      assert.deepEqual(Object.keys(handed?.publication ?? {}).sort(), Object.keys(sent).sort());
      await box.subscription.stop();
    });

    it("a body of 200 KiB arrives whole", async () => {
      const queue = unique("q");
      const text = "€".repeat(68_267);
      await broker.send(publication(queue, { body: { text } }));
      const box = inbox(broker, queue);
      const [handed] = await box.next();
      assert.equal(handed?.publication.body["text"], text);
      handed?.ack();
      await box.subscription.stop();
    });

    it("queues with every name the engine gives are apart from each other", async () => {
      const queues = names.map((one) => `${one}.${unique("n")}`);
      await Promise.all(queues.map((queue, n) => broker.send(publication(queue, { body: { n } }))));
      for (const [n, queue] of queues.entries()) {
        const box = inbox(broker, queue);
        const [handed] = await box.next();
        assert.deepEqual([handed?.publication.queue, handed?.publication.body], [queue, { n }]);
        handed?.ack();
        await box.subscription.stop();
        assert.equal(box.handed.length, 1);
      }
    });

    it("one that expired is handed over all the same: only the engine buries", async () => {
      const queue = unique("q");
      await broker.send(publication(queue, { expiresAtMs: 1 }));
      const [handed] = await inbox(broker, queue).next();
      assert.equal(handed?.publication.expiresAtMs, 1);
      handed?.ack();
    });

    it("5,000 sendings under way at once: all are confirmed and there", async function () {
      this.timeout(60_000);
      const queue = unique("q");
      await sendAll(broker, numbered(queue, 5_000));
      assert.equal((await broker.depth(queue))?.ready, 5_000);
      const box = inbox(broker, queue, 500, ({ ack }) => ack());
      await box.next(5_000);
      assert.equal(new Set(box.numbers()).size, 5_000);
      await box.subscription.stop();
    });

    it("first sent, first handed over", async () => {
      const queue = unique("q");
      // The first ones find no queue, the others do.
      await sendAll(broker, numbered(queue, 100));
      await sendAll(broker, numbered(queue, 100, 100));
      const box = inbox(broker, queue, 7, ({ ack }) => ack());
      await box.next(200);
      assert.deepEqual(box.numbers(), [...Array(200).keys()]);
      await box.subscription.stop();
    });

    it("who consumes before anybody sent makes the queue", async () => {
      const queue = unique("q");
      const box = inbox(broker, queue);
      await until("the queue", async () => (await broker.depth(queue)) !== undefined);
      await broker.send(publication(queue));
      const [handed] = await box.next();
      handed?.ack();
      await box.subscription.stop();
    });

    it("never more unsettled than the prefetch", async () => {
      const queue = unique("q");
      await sendAll(broker, numbered(queue, 60));
      let [unsettled, unsettledMax] = [0, 0];
      const box = inbox(broker, queue, 5, ({ ack }) => {
        unsettledMax = Math.max(unsettledMax, ++unsettled);
        setTimeout(() => {
          unsettled--;
          ack();
        }, 2);
      });
      await box.next(60);
      assert.equal(unsettledMax, 5);
      await box.subscription.stop();
    });

    it("one that is held does not come again, and the prefetch is all that is handed over", async () => {
      const queue = unique("q");
      await sendAll(broker, numbered(queue, 10));
      const box = inbox(broker, queue, 3);
      await box.next(3);
      await pause(100);
      assert.equal(box.handed.length, 3);
      for (const one of box.handed) one.working();
      box.handed[0]?.ack();
      await box.next(1);
      assert.deepEqual(box.numbers(), [0, 1, 2, 3]);
      await box.subscription.stop();
    });

    it("acknowledged is done with, given back comes again at once", async () => {
      const queue = unique("q");
      await sendAll(broker, numbered(queue, 2));
      const box = inbox(broker, queue, 1);
      const [first] = await box.next();
      first?.nack();
      const [again] = await box.next();
      assert.deepEqual(again?.publication, first?.publication);
      again?.ack();
      const [second] = await box.next();
      assert.equal(second?.publication.body["n"], 1);
      second?.ack();
      await box.subscription.stop();
      await until("an empty queue", async () => (await broker.depth(queue))?.ready === 0);
    });

    it("settling twice counts once, whichever comes second", async () => {
      const queue = unique("q");
      await sendAll(broker, numbered(queue, 4));
      const box = inbox(broker, queue, 1);
      for (let n = 0; n < 4; n++) {
        const [handed] = await box.next();
        handed?.ack();
        if (n % 2 === 0) handed?.nack();
        else handed?.ack();
      }
      await box.subscription.stop();
      assert.deepEqual(box.numbers(), [0, 1, 2, 3]);
      await until("an empty queue", async () => (await broker.depth(queue))?.ready === 0);
    });

    it("two processes share a queue: each message goes to one of them", async () => {
      const queue = unique("q");
      const other = await world.open();
      let isHolding = true;
      const boxes = [broker, other].map((one) =>
        inbox(one, queue, 5, (handed) => {
          if (!isHolding) handed.ack();
        }),
      );
      await sendAll(broker, numbered(queue, 100));
      // Neither can be quicker than the other while both hold all they may.
      await until("both hold their prefetch", () => boxes.every((box) => box.handed.length === 5));
      isHolding = false;
      for (const handed of boxes.flatMap((box) => [...box.handed])) handed.ack();
      const handed = (): readonly unknown[] => boxes.flatMap((box) => box.numbers());
      await until("all", () => handed().length >= 100);
      assert.equal(new Set(handed()).size, 100);
      await other.close();
    });

    it("what a process holds when it closes goes to another, marked as redelivered", async () => {
      const queue = unique("q");
      const other = await world.open();
      await broker.send(publication(queue));
      await inbox(other, queue).next();
      const box = inbox(broker, queue);
      await other.close();
      const [handed] = await box.next();
      assert.equal(handed?.redelivered, true);
      handed?.ack();
      await box.subscription.stop();
    });

    it("a paused subscription is handed nothing more, holds what it has, and goes on when resumed", async () => {
      const queue = unique("q");
      await sendAll(broker, numbered(queue, 3));
      const box = inbox(broker, queue, 1);
      const [held] = await box.next();
      await box.subscription.pause();
      const before = box.handed.length;
      held?.ack();
      await broker.send(publication(queue, { body: { n: 3 } }));
      await pause(100);
      assert.equal(box.handed.length, before);
      box.subscription.resume();
      for (let n = 0; n < 3; n++) (await box.next())[0]?.ack();
      assert.deepEqual(box.numbers(), [0, 1, 2, 3]);
      await box.subscription.stop();
    });

    it("pause and resume in any order end as the last one said", async () => {
      const queue = unique("q");
      const box = inbox(broker, queue, 10, ({ ack }) => ack());
      const { subscription } = box;
      const paused = [subscription.pause()];
      subscription.resume();
      paused.push(subscription.pause(), subscription.pause());
      await Promise.all(paused);
      await broker.send(publication(queue));
      await pause(50);
      assert.equal(box.handed.length, 0);
      subscription.resume();
      await box.next();
      await subscription.stop();
    });

    it("a stopped subscription is handed nothing more; what it has can still be settled", async () => {
      const queue = unique("q");
      await sendAll(broker, numbered(queue, 3));
      const box = inbox(broker, queue, 2);
      const [done, back] = await box.next(2);
      await box.subscription.stop();
      box.subscription.resume();
      done?.ack();
      back?.nack();
      // A broker may count what was given back as unsettled until somebody asks for it.
      const rest = inbox(broker, queue, 5, ({ ack }) => ack());
      await rest.next(2);
      await until("an empty queue", async () => (await broker.depth(queue))?.ready === 0);
      assert.deepEqual([...rest.numbers()].sort(), [1, 2]);
      await rest.subscription.stop();
      assert.equal(box.handed.length, 2);
    });

    it("a queue that nobody made has no depth; one that is empty has none ready", async () => {
      const queue = unique("q");
      assert.equal(await broker.depth(queue), undefined);
      await broker.send(publication(queue));
      assert.equal((await broker.depth(queue))?.ready, 1);
      const [handed] = await inbox(broker, queue).next();
      const held = await broker.depth(queue);
      assert.equal(held?.ready, 0);
      assert.equal(held?.unsettled, broker.traits.countsUnsettled ? 1 : undefined);
      handed?.ack();
      await until("nothing unsettled", async () => !(await broker.depth(queue))?.unsettled);
      assert.ok((await broker.queues()).includes(queue));
    });

    it("a second publication with the same id within the window is dropped, where the broker does that", async () => {
      const queue = unique("q");
      const twice = publication(queue);
      await broker.send(twice);
      await broker.send(twice);
      await broker.send({ ...twice, publicationId: unique("another") });
      const dropped = broker.traits.dedupeWindowMs > 0 ? 1 : 0;
      assert.equal((await broker.depth(queue))?.ready, 3 - dropped);
    });

    it("a broadcast is heard in every process that listens to its topic, until it leaves", async () => {
      const other = await world.open();
      const [topic, otherTopic] = [unique("topic"), unique("topic")];
      const heard: unknown[] = [];
      const elsewhere: unknown[] = [];
      const leave = other.onBroadcast(topic, (payload) => heard.push(payload));
      other.onBroadcast(topic, () => {
        throw new Error("a listener's own trouble");
      });
      other.onBroadcast(otherTopic, (payload) => elsewhere.push(payload));
      // Who has just begun to listen may miss something: it is a hint.
      await until("a broadcast", () => {
        broker.broadcast(topic, { hello: ["there"], n: null });
        return heard.length > 0;
      });
      assert.deepEqual(heard[0], { hello: ["there"], n: null });
      assert.deepEqual(elsewhere, []);
      leave();
      const before = heard.length;
      await until("a broadcast of the other topic", () => {
        broker.broadcast(topic, { late: true });
        broker.broadcast(otherTopic, "x");
        return elsewhere.length > 0;
      });
      assert.equal(heard.length, before);
      assert.equal(elsewhere[0], "x");
      await other.close();
    });

    it("what nobody can read is set aside, harms nobody, and what follows is handed over", async () => {
      const queue = unique("q");
      await broker.send(publication(queue, { body: { n: 0 } }));
      const before = await world.control.setAside();
      await world.control.putForeign(queue, Buffer.from("not JSON"));
      await world.control.putForeign(queue, Buffer.from('{"json":"but none of ours"}'));
      await world.control.putForeign(queue, Buffer.alloc(0));
      await broker.send(publication(queue, { body: { n: 1 } }));
      const box = inbox(broker, queue, 1, ({ ack }) => ack());
      await box.next(2);
      assert.deepEqual(box.numbers(), [0, 1]);
      await until("three set aside", async () => (await world.control.setAside()) === before + 3);
      await until("an empty queue", async () => (await broker.depth(queue))?.ready === 0);
      await box.subscription.stop();
    });

    it("a broker that cannot be reached: broker_unreachable at once, and nothing is left behind", async () => {
      world.control.sever();
      try {
        await assert.rejects(world.open(), { code: "broker_unreachable" });
      } finally {
        world.control.mend();
      }
      await until("the connection", () => broker.connected);
    });
  });
}
