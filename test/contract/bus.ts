/** What every bus has to keep, whichever broker carries the messages: the JMS semantics of the bus port. */
import assert from "node:assert/strict";
import { limits } from "../../engine/limits.js";
import type { Delivery } from "../../engine/ports/bus.js";
import type { Row } from "../../engine/ports/store.js";
import { betweenProcesses } from "./bus-processes.js";
import { ending } from "./store.js";
import {
  buryIn,
  hold,
  inbox,
  insert,
  message,
  numbered,
  pause,
  runRow,
  type TestProcess,
  unique,
  until,
  type World,
} from "./world.js";

const numbers = (deliveries: readonly Delivery[]): readonly unknown[] =>
  deliveries.map(({ body }) => body["n"]);

export function busContract(
  name: string,
  { open, processes }: { readonly open: () => Promise<World>; readonly processes: "one" | "many" },
): void {
  describe(`bus contract: ${name}`, () => {
    let world: World;
    let process: TestProcess;
    before(async function () {
      // PGlite makes itself a database first, which takes seconds.
      this.timeout(60_000);
      world = await open();
      process = await world.open();
    });
    after(() => world.drop());

    /** Removes the message, as a worker that is done does. */
    const settle = (held: Delivery): Promise<string> =>
      ending(process.store.commit({ message: { held, consume: true }, writes: [], publish: [] }));
    const depthOf = async (queue: string) =>
      (await process.bus.depths()).find((depth) => depth.queue === queue);
    const release = (delivery: Delivery, delayMs = 0, blame = true): Promise<void> =>
      process.bus.release(delivery, delayMs, { blame });

    it("a message arrives as it was sent", async () => {
      const queue = unique("q");
      const sent = message(queue, {
        type: "signal",
        body: { a: [1, "ü"] },
        correlationId: "c",
        replyTo: "r",
      });
      await process.bus.publish([sent]);
      const box = inbox(process.bus, queue);
      const [got] = await box.next();
      const { token, queueWaitMs, ...rest } = got!;
      assert.deepEqual(rest, { ...sent, deliveryCount: 1, expired: false });
      assert.ok(token.length > 0 && queueWaitMs >= 0);
      assert.equal(await settle(got!), "committed");
      await box.stop();
      assert.equal(await depthOf(queue), undefined);
    });

    it("the same message id twice is one message", async () => {
      const queue = unique("q");
      const one = message(queue);
      await process.bus.publish([one]);
      await process.bus.publish([one]);
      assert.equal((await depthOf(queue))?.ready, 1);
    });

    it("within a priority first in, first out; high before normal", async () => {
      const queue = unique("q");
      for (const n of [0, 1, 2]) await process.bus.publish([message(queue, { body: { n } })]);
      for (const n of [10, 11])
        await process.bus.publish([message(queue, { body: { n }, priority: "high" })]);
      await process.bus.publish([message(queue, { body: { n: 3 } })]);
      const box = inbox(process.bus, queue, 1);
      const order: unknown[] = [];
      for (let n = 0; n < 6; n++) {
        const [got] = await box.next();
        order.push(got!.body["n"]);
        await settle(got!);
        box.done(got!);
      }
      assert.deepEqual(order, [10, 11, 0, 1, 2, 3]);
      await box.stop();
    });

    it("a batch is handed out in order, too", async () => {
      const queue = unique("q");
      for (let n = 0; n < 8; n++) await process.bus.publish([message(queue, { body: { n } })]);
      const box = inbox(process.bus, queue, 8);
      assert.deepEqual(numbers(await box.next(8)), [0, 1, 2, 3, 4, 5, 6, 7]);
      await box.stop();
    });

    it("a delayed message is not there before its time, and is then", async () => {
      const queue = unique("q");
      const sent = message(queue, { delayMs: 60_000 });
      await process.bus.publish([sent]);
      const box = inbox(process.bus, queue);
      await pause(50);
      assert.equal(box.deliveries.length, 0);
      assert.deepEqual([(await depthOf(queue))?.ready, (await depthOf(queue))?.delayed], [0, 1]);
      await process.tamper.visibleIn(sent.messageId, 0);
      await process.bus.publish(numbered(queue, 1));
      assert.equal((await box.next(2))[0]?.messageId, sent.messageId);
      await box.stop();
    });

    it("a message that outlived its expiration is marked, others are not", async () => {
      const queue = unique("q");
      await process.bus.publish([message(queue, { body: { n: 1 }, expiresInMs: 0 })]);
      await process.bus.publish([message(queue, { body: { n: 2 }, expiresInMs: 60_000 })]);
      const box = inbox(process.bus, queue);
      assert.deepEqual(
        (await box.next(2)).map(({ body, expired }) => [body["n"], expired]),
        [
          [1, true],
          [2, false],
        ],
      );
      await box.stop();
    });

    it("deliveries are counted, unless the message is given back without blame", async () => {
      const queue = unique("q");
      await process.bus.publish(numbered(queue, 1));
      const box = inbox(process.bus, queue);
      const counts: number[] = [];
      for (const blame of [true, false, true, true]) {
        const [got] = await box.next();
        counts.push(got!.deliveryCount);
        await release(got!, 0, blame);
        box.done(got!);
      }
      assert.deepEqual(counts, [1, 2, 2, 3]);
      await box.stop();
    });

    it("a message given back with a delay comes again after it", async () => {
      const queue = unique("q");
      await process.bus.publish(numbered(queue, 1));
      const box = inbox(process.bus, queue);
      const [got] = await box.next();
      await release(got!, 60_000);
      const leftMs = (await process.tamper.visibleInMs(got!.messageId)) ?? 0;
      assert.ok(leftMs > 50_000 && leftMs <= 60_000, `${leftMs}`);
      await box.stop();
    });

    it("a lease that runs out: the message comes again, and the old token settles nothing", async () => {
      const queue = unique("q");
      await process.bus.publish(numbered(queue, 1));
      const box = inbox(process.bus, queue);
      const [first] = await box.next();
      await process.tamper.visibleIn(first!.messageId, -1);
      assert.equal((await depthOf(queue))?.ready, 1, "a lease that ran out holds nothing");
      await process.bus.publish(numbered(unique("other"), 1));
      await process.bus.publish(numbered(queue, 1));
      const [again] = await box.next(2);
      assert.equal(again?.messageId, first?.messageId);
      assert.equal(again?.deliveryCount, 2);
      assert.notEqual(again?.token, first?.token);
      await release(first!);
      assert.ok((await process.tamper.visibleInMs(first!.messageId))! > 1_000, "released with a stale token");
      assert.equal(await settle(first!), "leaseLost");
      assert.equal(await settle(again!), "committed");
      await box.stop();
    });

    it("a handler that throws, at once or later, leaves its message to the lease and its place to others", async () => {
      const queue = unique("q");
      await process.bus.publish(numbered(queue, 4));
      const seen: unknown[] = [];
      const consumer = process.bus.consume({
        queues: () => [queue],
        concurrency: 1,
        handler: ({ body }) => {
          seen.push(body["n"]);
          if (seen.length % 2 === 0) throw new Error("at once");
          return Promise.reject(new Error("later"));
        },
      });
      await until("all four", () => seen.length === 4);
      assert.equal((await depthOf(queue))?.leased, 4);
      await consumer.stop(0);
    });

    it("never more at work than the concurrency, also when commits hand messages on", async () => {
      const queue = unique("q");
      const concurrency = 5;
      let [atWork, atWorkMax, worked, claimed] = [0, 0, 0, 0];
      const consumer = process.bus.consume({
        queues: () => [queue],
        concurrency,
        handler: async (delivery) => {
          atWork++;
          atWorkMax = Math.max(atWorkMax, atWork);
          const n = Number(delivery.body["n"]);
          // The next message may be inserted claimed; more of them than there is room for.
          const publish = n > 0 ? numbered(queue, 2, { claim: true, body: { n: n - 1 } }) : [];
          await process.store.commit({ message: { held: delivery, consume: true }, writes: [], publish });
          worked++;
          if (delivery.queueWaitMs === 0) claimed++;
          atWork--;
        },
      });
      await process.bus.publish(numbered(queue, 10, { body: { n: 4 } }));
      await until("all of them", () => worked === 10 * 31);
      assert.ok(atWorkMax <= concurrency, `${atWorkMax} at work`);
      assert.ok(claimed > 0, "no message was handed on");
      await consumer.stop(1_000);
      assert.equal(await depthOf(queue), undefined);
    });

    it("queues that share a consumer share its concurrency, and a new one is served at once", async () => {
      const queues = [unique("q")];
      const box = inbox(process.bus, queues, 3);
      await process.bus.publish(numbered(queues[0]!, 3));
      await box.next(2);
      queues.push(unique("q"));
      await process.bus.publish(numbered(queues[1]!, 3));
      await box.next(1);
      await pause(30);
      assert.equal(box.open, 3);
      for (const delivery of [...box.deliveries]) {
        await settle(delivery);
        box.done(delivery);
      }
      await box.next(3);
      assert.equal(box.open, 3);
      await box.stop();
    });

    it("a paused consumer takes nothing, and goes on when resumed", async () => {
      const queue = unique("q");
      const box = inbox(process.bus, queue);
      box.pause();
      await process.bus.publish(numbered(queue, 2));
      await pause(50);
      assert.equal(box.deliveries.length, 0);
      box.resume();
      await box.next(2);
      await box.stop();
    });

    it("a stopped consumer waits for what is in flight, and hands back what does not finish", async () => {
      const queue = unique("q");
      await process.bus.publish(numbered(queue, 2));
      const box = inbox(process.bus, queue);
      const [finishes, hangs] = await box.next(2);
      const stopped = box.stop(200);
      await settle(finishes!);
      box.done(finishes!);
      await process.bus.publish(numbered(queue, 1));
      await stopped;
      assert.equal(box.deliveries.length, 2, "took work after it was stopped");
      assert.deepEqual([(await depthOf(queue))?.ready, (await depthOf(queue))?.leased], [2, 0]);
      const next = inbox(process.bus, queue);
      const again = (await next.next(2)).find(({ messageId }) => messageId === hangs?.messageId);
      assert.equal(again?.deliveryCount, 2, "work had begun: whoever goes on has to look for its traces");
      await next.stop();
    });

    it("depths tell ready, delayed, leased and dead apart", async () => {
      const queue = unique("q");
      await process.bus.publish(numbered(queue, 1));
      const box = inbox(process.bus, queue);
      await box.next();
      box.pause();
      await process.bus.publish(numbered(queue, 2));
      await process.bus.publish(numbered(queue, 3, { delayMs: 60_000 }));
      await bury(queue, 4);
      const { oldestReadyMs, ...depth } = (await depthOf(queue))!;
      assert.deepEqual(depth, { queue, ready: 2, delayed: 3, leased: 1, dead: 4 });
      assert.ok(oldestReadyMs >= 0);
      await box.stop();
    });

    const bury = (queue: string, count: number, more: Row = {}): Promise<readonly string[]> =>
      buryIn(process, queue, count, more);

    it("dead letters can be read, oldest first, and replayed one by one or all", async () => {
      const queue = unique("q");
      const ids = await bury(queue, 3);
      const letters = await process.bus.deadLetters(queue, 10);
      assert.deepEqual(
        letters.map(({ messageId, reason, body, diedAtMs }) => [messageId, reason, body["n"], diedAtMs]),
        ids.map((messageId, n) => [messageId, "broken", n, 1_700_000_000_000 + n]),
      );
      assert.equal((await process.bus.deadLetters(queue, 2)).length, 2);
      assert.equal(await process.bus.replay(unique("other"), ids), 0);
      const box = inbox(process.bus, queue);
      assert.equal(await process.bus.replay(queue, [ids[1]!]), 1);
      const [risen] = await box.next();
      assert.equal(risen?.messageId, ids[1]);
      assert.ok(risen!.deliveryCount > 1, "whoever works on it has to look at the journal");
      assert.equal(await process.bus.replay(queue), 2);
      await box.next(2);
      assert.equal(await process.bus.replay(queue), 0);
      await box.stop();
    });

    it("a replay takes the run out of the park; one that went on meanwhile is left alone", async () => {
      const queue = unique("q");
      const rows = [runRow({ state: "parked" }), runRow({ state: "waiting" })];
      await process.store.commit({ writes: rows.map((row) => insert("runs", row)), publish: [] });
      for (const { runId } of rows) await bury(queue, 1, { body: { runId } });
      assert.equal(await process.bus.replay(queue), 2);
      const states = rows.map(async ({ runId }) => (await process.store.find("runs", { runId }))?.["state"]);
      assert.deepEqual(await Promise.all(states), ["open", "waiting"]);
    });

    it("a poisonous message among 200 others ends in the dead letters, and all others are done", async () => {
      const queue = unique("q");
      const done = new Set<unknown>();
      let tries = 0;
      const consumer = process.bus.consume({
        queues: () => [queue],
        concurrency: 10,
        handler: async (held) => {
          if (held.body["n"] !== 100) {
            await settle(held);
            return void done.add(held.body["n"]);
          }
          tries++;
          if (held.deliveryCount < limits.deliveriesMax) return release(held);
          const { messageId, type, body, deliveryCount: deliveries } = held;
          const row = { messageId, queue, type, body, reason: "always", deliveries, diedAt: 1 };
          await process.store.commit({
            message: { held, consume: true },
            writes: [insert("deadLetters", row, "keep")],
            publish: [],
          });
        },
      });
      await process.bus.publish(numbered(queue, 201));
      await until("one dead letter", async () => (await depthOf(queue))?.dead === 1);
      await until("all others", () => done.size === 200);
      assert.equal(tries, limits.deliveriesMax);
      await consumer.stop(1_000);
    });

    it("broadcasts are heard by this process at once, by topic, until the listener leaves", () => {
      const topic = unique("topic");
      const heard: unknown[] = [];
      process.bus.onBroadcast(topic, () => {
        throw new Error("a listener's own trouble");
      });
      const leave = process.bus.onBroadcast(topic, (payload) => heard.push(payload));
      process.bus.broadcast(topic, { a: 1 });
      process.bus.broadcast(unique("topic"), { a: 2 });
      leave();
      process.bus.broadcast(topic, { a: 3 });
      assert.deepEqual(heard, [{ a: 1 }]);
    });

    it("a held message is not handed out again while its owner renews", async () => {
      const { held, release: letGo } = await hold(process.bus);
      assert.ok((await process.tamper.visibleInMs(held.messageId))! > limits.leaseMs / 2);
      await letGo();
    });

    if (processes === "many")
      betweenProcesses(
        () => world,
        () => process,
      );
  });
}
