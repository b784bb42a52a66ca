/** Permits, pause and stop. */
import assert from "node:assert/strict";
import { inbox, numbered, pause, unique, until } from "../world.js";
import type { BusSuite } from "./suite.js";

export function consumersCases(suite: BusSuite): void {
  it("a handler that throws, at once or later, leaves its message to the lease and its place to others", async () => {
    const queue = unique("q");
    await suite.process.bus.publish(numbered(queue, 4));
    const seen: unknown[] = [];
    const consumer = suite.process.bus.consume({
      queues: () => [queue],
      concurrency: 1,
      handler: ({ body }) => {
        seen.push(body["n"]);
        if (seen.length % 2 === 0) throw new Error("at once");
        return Promise.reject(new Error("later"));
      },
    });
    await until("all four", () => seen.length === 4);
    await until("all four are kept from being handed out at once", async () => {
      const depth = await suite.depthOf(queue);
      return depth?.ready === 0 && depth.leased + depth.delayed === 4;
    });
    await consumer.stop(0);
  });

  it("never more at work than the concurrency, also when commits hand messages on", async () => {
    const queue = unique("q");
    const concurrency = 5;
    let [atWork, atWorkMax, worked, claimed] = [0, 0, 0, 0];
    const consumer = suite.process.bus.consume({
      queues: () => [queue],
      concurrency,
      handler: async (delivery) => {
        atWork++;
        atWorkMax = Math.max(atWorkMax, atWork);
        const n = Number(delivery.body["n"]);
        // The next message may be inserted claimed; more of them than there is room for.
        const publish = n > 0 ? numbered(queue, 2, { claim: true, body: { n: n - 1 } }) : [];
        await suite.process.store.commit({ message: { held: delivery, consume: true }, writes: [], publish });
        worked++;
        if (delivery.queueWaitMs === 0) claimed++;
        atWork--;
      },
    });
    await suite.process.bus.publish(numbered(queue, 10, { body: { n: 4 } }));
    await until("all of them", () => worked === 10 * 31);
    assert.ok(atWorkMax <= concurrency, `${atWorkMax} at work`);
    if (suite.capabilities.transactional) assert.ok(claimed > 0, "no message was handed on");
    await consumer.stop(1_000);
    await until("nothing is left", async () => (await suite.depthOf(queue)) === undefined);
  });

  it("queues that share a consumer share its concurrency, and a new one is served at once", async () => {
    const queues = [unique("q")];
    const box = inbox(suite.process.bus, queues, 3);
    await suite.process.bus.publish(numbered(queues[0]!, 3));
    await box.next(2);
    queues.push(unique("q"));
    await suite.process.bus.publish(numbered(queues[1]!, 3));
    await box.next(1);
    await pause(30);
    assert.equal(box.open, 3);
    for (const delivery of [...box.deliveries]) {
      await suite.settle(delivery);
      box.done(delivery);
    }
    await box.next(3);
    assert.equal(box.open, 3);
    await box.stop();
  });

  it("what was worked on without its message is told to the consumer of its queue, and takes no room", async () => {
    const [queue, other] = [unique("q"), unique("q")];
    await suite.process.bus.publish(numbered(queue, 1));
    const box = inbox(suite.process.bus, queue, 1);
    const [held] = await box.next(1);
    const token = "018f0000-0000-7000-8000-000000000000";
    const note = { ...held!, messageId: token, token, queue };
    suite.process.bus.note({ ...note, queue: other });
    suite.process.bus.note(note);
    const [told] = await box.next(1);
    assert.equal(told?.messageId, token);
    await told?.rest;
    await suite.settle(held!);
    box.done(held!);
    await until("nothing is left", async () => (await suite.depthOf(queue)) === undefined);
    await box.stop();
  });

  it("a paused consumer takes nothing, and goes on when resumed", async () => {
    const queue = unique("q");
    const box = inbox(suite.process.bus, queue);
    box.pause();
    await suite.process.bus.publish(numbered(queue, 2));
    await pause(50);
    assert.equal(box.deliveries.length, 0);
    box.resume();
    await box.next(2);
    await box.stop();
  });

  it("a stopped consumer waits for what is in flight, and hands back what does not finish", async () => {
    const queue = unique("q");
    await suite.process.bus.publish(numbered(queue, 2));
    const box = inbox(suite.process.bus, queue);
    const [finishes, hangs] = await box.next(2);
    const stopped = box.stop(200);
    await suite.settle(finishes!);
    box.done(finishes!);
    await suite.process.bus.publish(numbered(queue, 1));
    await stopped;
    assert.equal(box.deliveries.length, 2, "took work after it was stopped");
    // A broker may count what was given back as handed out until somebody takes it.
    await until("both are free", async () => {
      const { ready = 0, leased = 0 } = (await suite.depthOf(queue)) ?? {};
      return ready + (suite.capabilities.transactional ? 0 : leased) === 2;
    });
    const next = inbox(suite.process.bus, queue);
    const again = (await next.next(2)).find(({ messageId }) => messageId === hangs?.messageId);
    assert.equal(again?.deliveryCount, 2, "work had begun: whoever goes on has to look for its traces");
    await next.stop();
  });
}
