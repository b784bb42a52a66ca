/**
 * The conformance suite of the Broker port, second part: whatever breaks. Each case leaves the server running and the
 * network whole, and ends with messages going through again, without anybody's help.
 */
import assert from "node:assert/strict";
import { verifying } from "../support/buses.js";
import { setTimeout as pause } from "node:timers/promises";
import type { Broker, BrokerEvent, Handed, Publication } from "../../engine/ports/broker.js";
import { inbox, numbered, publication, sendAll, unique, until } from "../support/broker-inbox.js";
import type { ServerWorld } from "./broker-world.js";

const unreachable = { code: "broker_unreachable" };

/** Sends as the engine does: until the broker has confirmed it. @returns how many tries it took */
async function sendUntilConfirmed(broker: Broker, one: Publication): Promise<number> {
  for (let tries = 1; ; tries++) {
    try {
      await broker.send(one);
      return tries;
    } catch (error) {
      assert.equal((error as { code?: unknown }).code, unreachable.code, String(error));
      await pause(20);
    }
  }
}

export function brokerFaults(name: string, open: () => Promise<ServerWorld>): void {
  describe(`broker faults: ${name}`, function () {
    this.timeout(120_000);
    let world: ServerWorld;
    let broker: Broker;
    let events: BrokerEvent[];
    before(async () => {
      world = await open();
    });
    after(async () => {
      await world?.close();
    });
    beforeEach(async () => {
      broker = await world.open();
      events = [];
      broker.on((event) => events.push(event));
    });
    afterEach(async () => {
      world.control.mend();
      await broker.close();
    });

    /** Sends and receives: the broker does its work. */
    const works = async (queue = unique("works")): Promise<void> => {
      const box = inbox(broker, queue, 1, ({ ack }) => ack());
      await sendUntilConfirmed(broker, publication(queue, { body: { works: true } }));
      await until("a message", () => box.handed.some(({ publication: { body } }) => body["works"] === true));
      await box.subscription.stop();
    };
    const disconnected = (): Promise<void> =>
      until("the loss of the connection", () => events.some(({ kind }) => kind === "disconnected"));
    const connected = (): Promise<void> => until("the connection", () => broker.connected);

    if (verifying)
      it("server killed twice in mid-traffic: what was confirmed arrives, what was not is sent again", async () => {
        const queue = unique("q");
        const [total, batch] = [4_000, 200];
        const box = inbox(broker, queue, 50, ({ ack }) => ack());
        await broker.send(publication(queue, { body: { n: 0 } }));
        await world.settle();
        let sent = 0;
        const sending = (async () => {
          for (; sent < total; sent += batch) {
            await Promise.all(numbered(queue, batch, sent).map((one) => sendUntilConfirmed(broker, one)));
          }
        })();
        for (const share of [0.2, 0.6]) {
          await until("traffic", () => sent >= total * share);
          await world.killServer();
          await disconnected();
          assert.equal(broker.connected, false);
          await assert.rejects(broker.send(publication(queue)), unreachable);
          await world.startServer();
          events.length = 0;
        }
        await sending;
        await until("all of them", () => new Set(box.numbers()).size === total, 60_000);
        await until("an empty queue", async () => (await broker.depth(queue))?.ready === 0);
        await box.subscription.stop();
      });

    it("server killed while a queue is full: everything confirmed is still there, in order", async () => {
      const queue = unique("q");
      await sendAll(broker, numbered(queue, 1_000));
      await world.settle();
      await world.killServer();
      await world.startServer();
      await connected();
      await until(
        "the queue",
        async () => (await broker.depth(queue).catch(() => undefined))?.ready === 1_000,
      );
      const box = inbox(broker, queue, 100, ({ ack }) => ack());
      await box.next(1_000);
      assert.deepEqual(box.numbers(), [...Array(1_000).keys()]);
      await box.subscription.stop();
    });

    it("connection cut with sendings under way: each one ends, at once, and can be sent again", async () => {
      const queue = unique("q");
      await broker.send(publication(queue, { body: { n: -1 } }));
      const publications = numbered(queue, 2_000);
      const ends = publications.map((one) =>
        broker.send(one).then(
          () => true,
          (error: unknown) => {
            assert.equal((error as { code?: unknown }).code, unreachable.code);
            return false;
          },
        ),
      );
      world.control.cut();
      const confirmed = await Promise.all(ends);
      assert.ok(confirmed.includes(false), "nothing was under way when it was cut");
      await connected();
      await sendAll(
        broker,
        publications.filter((_, n) => !confirmed[n]),
      );
      const box = inbox(broker, queue, 100, ({ ack }) => ack());
      await until("all of them", () => new Set(box.numbers()).size === 2_001);
      assert.deepEqual(
        events.map(({ kind }) => kind),
        ["disconnected", "connected"],
      );
      await box.subscription.stop();
    });

    it("what is held when the connection is cut comes again, marked; answers of before do nothing", async () => {
      const queue = unique("q");
      await sendAll(broker, numbered(queue, 6));
      const box = inbox(broker, queue, 3);
      const old = await box.next(3);
      world.control.cut();
      const again = await box.next(3);
      assert.deepEqual(
        again.map((one) => [one.publication.body["n"], one.redelivered]),
        [0, 1, 2].map((n) => [n, true]),
      );
      // The same numbers name other deliveries now.
      old[0]?.ack();
      old[1]?.nack();
      old[2]?.working();
      await pause(200);
      assert.equal(box.handed.length, 6, "an answer of before counted");
      for (const one of again) one.ack();
      const others = await box.next(3);
      assert.deepEqual(
        others.map((one) => [one.publication.body["n"], one.redelivered]),
        [3, 4, 5].map((n) => [n, false]),
      );
      for (const one of others) one.ack();
      await box.subscription.stop();
      await until("an empty queue", async () => (await broker.depth(queue))?.ready === 0);
    });

    it("a broker that is away: sendings end at once, depth says so, broadcasts vanish; and then it is back", async () => {
      const queue = unique("q");
      const box = inbox(broker, queue, 10, ({ ack }) => ack());
      await until("the queue", async () => (await broker.depth(queue)) !== undefined);
      world.control.sever();
      await disconnected();
      await assert.rejects(broker.send(publication(queue)), unreachable);
      await assert.rejects(broker.depth(queue), unreachable);
      broker.broadcast("topic", "nobody hears");
      await pause(1_000);
      assert.equal(broker.connected, false);
      world.control.mend();
      await connected();
      await broker.send(publication(queue, { body: { n: 1 } }));
      await box.next();
      assert.deepEqual(box.numbers(), [1]);
      await box.subscription.stop();
    });

    it("paused, resumed, stopped and begun while the broker is away: what was said last holds when it is back", async () => {
      const queues = ["paused", "resumed", "stopped", "begun"].map((what) => unique(what));
      const [paused, resumed, stopped] = queues.slice(0, 3).map((queue) => inbox(broker, queue));
      await resumed?.subscription.pause();
      world.control.sever();
      await disconnected();
      await Promise.all([paused?.subscription.pause(), stopped?.subscription.stop()]);
      resumed?.subscription.resume();
      const begun = inbox(broker, queues[3] ?? "");
      world.control.mend();
      await connected();
      await Promise.all(queues.map((queue) => sendUntilConfirmed(broker, publication(queue))));
      await Promise.all([resumed?.next(), begun.next()]);
      await pause(200);
      assert.deepEqual([paused?.handed.length, stopped?.handed.length], [0, 0]);
      paused?.subscription.resume();
      await paused?.next();
    });

    if (verifying)
      it("a network that swallows everything in silence is noticed; work goes on when it is whole", async () => {
        const queue = unique("q");
        await sendAll(broker, numbered(queue, 2));
        const box = inbox(broker, queue, 1);
        await box.next();
        world.control.stall();
        await assert.rejects(broker.send(publication(queue)), unreachable);
        await disconnected();
        // A broker with more than one connection notices on each at its own time.
        await pause(3_000);
        world.control.mend();
        await connected();
        const [again] = await box.next();
        assert.deepEqual([again?.publication.body["n"], again?.redelivered], [0, true]);
        again?.ack();
        (await box.next())[0]?.ack();
        await box.subscription.stop();
        await works();
      });

    it("a queue deleted under its consumer is made again, and its consumer goes on", async () => {
      const queue = unique("q");
      const box = inbox(broker, queue, 10, ({ ack }) => ack());
      await sendAll(broker, numbered(queue, 1));
      await box.next();
      for (const round of [1, 2, 3]) {
        events.length = 0;
        await world.control.deleteQueue(queue);
        await until("its recovery", () => events.some(({ kind }) => kind === "recovered"));
        await sendUntilConfirmed(broker, publication(queue, { body: { n: round } }));
        await box.next();
      }
      assert.deepEqual(box.numbers(), [0, 1, 2, 3]);
      assert.equal(broker.connected, true);
      await box.subscription.stop();
    });

    it("a consumer that the server takes away is there again, also for what is sent afterwards", async () => {
      const queue = unique("q");
      const box = inbox(broker, queue, 10, ({ ack }) => ack());
      await sendAll(broker, numbered(queue, 1));
      await box.next();
      await world.control.dropConsumers(queue);
      await until("its recovery", () => events.some(({ kind }) => kind === "recovered"));
      await sendUntilConfirmed(broker, publication(queue, { body: { n: 1 } }));
      await box.next();
      await box.subscription.stop();
    });

    it("a queue deleted under its publishers: the sendings under way are confirmed or end with an error", async () => {
      const queue = unique("q");
      await sendAll(broker, numbered(queue, 10));
      await world.control.deleteQueue(queue);
      // Nobody told the publisher. Every one of these would vanish if the broker's word alone were taken.
      await Promise.all(numbered(queue, 500).map((one) => sendUntilConfirmed(broker, one)));
      await until("all", async () => (await broker.depth(queue))?.ready === 500);
    });

    it("an answer to a message whose queue was deleted harms nothing", async () => {
      const queue = unique("q");
      await sendAll(broker, numbered(queue, 3));
      const box = inbox(broker, queue, 3);
      const [first, second] = await box.next(3);
      await world.control.deleteQueue(queue);
      first?.ack();
      second?.nack();
      await box.subscription.stop();
      await works();
      await works(queue);
    });

    it("redelivery storm: 200 messages given back 25 times each, none is lost or dropped by the broker", async () => {
      const queue = unique("q");
      const returned = new Map<unknown, number>();
      const done = new Set<unknown>();
      const box = inbox(broker, queue, 50, ({ publication: { body }, ack, nack }: Handed) => {
        const times = returned.get(body["n"]) ?? 0;
        returned.set(body["n"], times + 1);
        if (times < 25) return nack();
        done.add(body["n"]);
        ack();
      });
      await sendAll(broker, numbered(queue, 200));
      await until("all of them done", () => done.size === 200, 60_000);
      await box.subscription.stop();
      assert.equal((await broker.depth(queue))?.ready, 0);
    });

    if (verifying)
      it("100,000 messages of backlog are there, and are worked off", async function () {
        this.timeout(300_000);
        const queue = unique("q");
        const [total, batch] = [100_000, 5_000];
        for (let n = 0; n < total; n += batch) await sendAll(broker, numbered(queue, batch, n));
        assert.equal((await broker.depth(queue))?.ready, total);
        const seen = new Set<unknown>();
        const subscription = broker.subscribe(queue, 500, ({ publication: { body }, ack }) => {
          seen.add(body["n"]);
          ack();
        });
        await until("all of them", () => seen.size === total, 200_000);
        await subscription.stop();
        await until("an empty queue", async () => (await broker.depth(queue))?.ready === 0);
      });

    if (verifying)
      it("a slow consumer before a large backlog holds no more than its prefetch", async () => {
        const queue = unique("q");
        const [prefetch, messages, kib] = [20, 4_000, 50];
        const text = "x".repeat(kib * 1_024);
        for (let n = 0; n < messages; n += 100) {
          await sendAll(
            broker,
            numbered(queue, 100, n).map((one) => ({ ...one, body: { text } })),
          );
        }
        let [unsettled, unsettledMax, settled] = [0, 0, 0];
        const subscription = broker.subscribe(queue, prefetch, ({ ack }) => {
          unsettledMax = Math.max(unsettledMax, ++unsettled);
          setTimeout(() => {
            unsettled--;
            settled++;
            ack();
          }, 20);
        });
        await until("a beginning", () => settled >= 100);
        const heldMiB = process.memoryUsage().arrayBuffers / 2 ** 20;
        await subscription.stop();
        assert.equal(unsettledMax, prefetch);
        const backlogMiB = (messages * kib) / 1_024;
        assert.ok(heldMiB < backlogMiB / 2, `${heldMiB} MiB are held here of ${backlogMiB}`);
      });

    it("broadcasts are heard again after a cut", async () => {
      const other = await world.open();
      const heard: unknown[] = [];
      const topic = unique("topic");
      other.onBroadcast(topic, (payload) => heard.push(payload));
      const hear = async (): Promise<void> => {
        heard.length = 0;
        await until("a broadcast", async () => {
          broker.broadcast(topic, 1);
          await pause(5);
          return heard.length > 0;
        });
      };
      await hear();
      world.control.cut();
      await disconnected();
      await hear();
      await other.close();
    });

    if (verifying)
      it("closing ends in a moment, also when the broker is silent or away, and sendings under way end, too", async () => {
        for (const trouble of ["stall", "sever"] as const) {
          const one = await world.open();
          const queue = unique("q");
          await sendAll(one, numbered(queue, 1));
          const box = inbox(one, queue);
          await box.next();
          world.control[trouble]();
          const sending = assert.rejects(one.send(publication(queue)), unreachable);
          await one.close();
          await sending;
          await assert.rejects(one.send(publication(queue)), unreachable);
          box.handed[0]?.ack();
          world.control.mend();
        }
        await works();
      });
  });
}
