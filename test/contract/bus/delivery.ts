/** What a message carries, when it comes and how often. */
import assert from "node:assert/strict";
import { inbox, message, numbered, pause, unique, until } from "../world.js";
import type { Delivery } from "../../../engine/ports/bus.js";
import type { BusSuite } from "./suite.js";

const numbers = (deliveries: readonly Delivery[]): readonly unknown[] =>
  deliveries.map(({ body }) => body["n"]);

export function deliveryCases(suite: BusSuite): void {
  it("a message arrives as it was sent", async () => {
    const queue = unique("q");
    const sent = message(queue, {
      type: "signal",
      body: { a: [1, "ü"] },
      correlationId: "c",
      replyTo: "r",
    });
    await suite.process.bus.publish([sent]);
    const box = inbox(suite.process.bus, queue);
    const [got] = await box.next();
    const { token, queueWaitMs, ...rest } = got!;
    assert.deepEqual(rest, { ...sent, deliveryCount: 1, expired: false });
    assert.ok(token.length > 0 && queueWaitMs >= 0);
    assert.equal(await suite.settle(got!), "committed");
    await box.stop();
    await until("nothing of it is left", async () => (await suite.depthOf(queue)) === undefined);
  });

  it("the same message id twice is one message, while one of them is at work", async () => {
    const queue = unique("q");
    const one = message(queue);
    await suite.process.bus.publish([one]);
    await suite.process.bus.publish([one]);
    if (suite.capabilities.unique) assert.equal((await suite.depthOf(queue))?.ready, 1);
    const box = inbox(suite.process.bus, queue);
    const [held] = await box.next();
    await pause(50);
    assert.equal(box.deliveries.length, 1);
    await suite.settle(held!);
    box.done(held!);
    await until("none is left", async () => (await suite.depthOf(queue)) === undefined);
    await box.stop();
  });

  it("within a priority first in, first out; high before normal", async () => {
    const queue = unique("q");
    await suite.process.bus.publish(numbered(queue, 3));
    const box = inbox(suite.process.bus, queue, 1);
    const order: unknown[] = [];
    for (let n = 0; n < 6; n++) {
      const [got] = await box.next();
      order.push(got!.body["n"]);
      if (n === 0) {
        for (const high of [10, 11])
          await suite.process.bus.publish([message(queue, { body: { n: high }, priority: "high" })]);
        await suite.process.bus.publish([message(queue, { body: { n: 3 } })]);
        // A broker takes a moment to hand them over.
        await pause(200);
      }
      await suite.settle(got!);
      box.done(got!);
    }
    assert.deepEqual(order, [0, 10, 11, 1, 2, 3]);
    await box.stop();
  });

  it("a batch is handed out in order, too", async () => {
    const queue = unique("q");
    for (let n = 0; n < 8; n++) await suite.process.bus.publish([message(queue, { body: { n } })]);
    const box = inbox(suite.process.bus, queue, 8);
    assert.deepEqual(numbers(await box.next(8)), [0, 1, 2, 3, 4, 5, 6, 7]);
    await box.stop();
  });

  it("a delayed message is not there before its time, and is then", async () => {
    const queue = unique("q");
    const sent = message(queue, { delayMs: 60_000 });
    await suite.process.bus.publish([sent]);
    const box = inbox(suite.process.bus, queue);
    await pause(50);
    assert.equal(box.deliveries.length, 0);
    assert.deepEqual([(await suite.depthOf(queue))?.ready, (await suite.depthOf(queue))?.delayed], [0, 1]);
    await suite.process.tamper.visibleIn(sent.messageId, 0);
    await suite.process.bus.publish(numbered(queue, 1));
    const came = await box.next(2);
    assert.ok(
      came.some(({ messageId }) => messageId === sent.messageId),
      "its time has come",
    );
    await box.stop();
  });

  it("a message that outlived its expiration is marked, others are not", async () => {
    const queue = unique("q");
    await suite.process.bus.publish([message(queue, { body: { n: 1 }, expiresInMs: 0 })]);
    await suite.process.bus.publish([message(queue, { body: { n: 2 }, expiresInMs: 60_000 })]);
    const box = inbox(suite.process.bus, queue);
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
    await suite.process.bus.publish(numbered(queue, 1));
    const box = inbox(suite.process.bus, queue);
    const counts: number[] = [];
    for (const blame of [true, false, true, true]) {
      const [got] = await box.next();
      counts.push(got!.deliveryCount);
      await suite.release(got!, 0, blame);
      box.done(got!);
    }
    assert.deepEqual(counts, [1, 2, 2, 3]);
    await box.stop();
  });

  it("a message given back with a delay comes again after it", async () => {
    const queue = unique("q");
    await suite.process.bus.publish(numbered(queue, 1));
    const box = inbox(suite.process.bus, queue);
    const [got] = await box.next();
    await suite.release(got!, 60_000);
    const leftMs = (await suite.process.tamper.visibleInMs(got!.messageId)) ?? 0;
    assert.ok(leftMs > 50_000 && leftMs <= 60_000, `${leftMs}`);
    await box.stop();
  });
}
