/** The part of the bus contract that takes two processes. */
import assert from "node:assert/strict";
import { limits } from "../../../engine/limits.js";
import { buryIn, inbox, numbered, pause, type TestProcess, unique, until } from "../world.js";
import type { BusSuite } from "./suite.js";

export function betweenProcesses(suite: BusSuite): void {
  describe("between two processes", () => {
    let process: TestProcess;
    let other: TestProcess;
    before(async () => {
      process = suite.process;
      other = await suite.world.open();
    });

    it("no message goes to both", async () => {
      const queue = unique("q");
      const count = 400;
      const seen: unknown[] = [];
      const at = (process: TestProcess) =>
        process.bus.consume({
          queues: () => [queue],
          concurrency: 7,
          handler: async (held) => {
            seen.push(held.body["n"]);
            await process.store.commit({ message: { held, consume: true }, writes: [], publish: [] });
          },
        });
      const consumers = [at(process), at(other)];
      for (let n = 0; n < count; n += 20)
        await process.bus.publish(numbered(queue, 20).map((one, k) => ({ ...one, body: { n: n + k } })));
      // The first process is busy with its own; the second is told by nobody, so it is asked to look.
      await until("all of them", () => seen.length >= count);
      await pause(30);
      assert.equal(seen.length, count);
      assert.equal(new Set(seen).size, count);
      await Promise.all(consumers.map((consumer) => consumer.stop(1_000)));
    });

    it("an idle consumer is woken by a publish, a commit, a replay and a paused neighbour", async () => {
      const queue = unique("q");
      const box = inbox(other.bus, queue);
      await process.bus.publish(numbered(queue, 1));
      await box.next();
      await process.store.commit({ writes: [], publish: numbered(queue, 1) });
      await box.next();
      await buryIn(process, queue, 1);
      await process.bus.replay(queue);
      await box.next();
      const neighbour = inbox(process.bus, queue);
      neighbour.pause();
      await process.bus.publish(numbered(queue, 1));
      await box.next();
      await neighbour.stop();
      await process.bus.publish(numbered(queue, 1));
      await box.next();
      assert.equal(neighbour.deliveries.length, 0);
      await box.stop();
    });

    it("what a stopped consumer hands back is taken by the other one", async () => {
      const queue = unique("q");
      const here = inbox(process.bus, queue);
      await process.bus.publish(numbered(queue, 3));
      await here.next(3);
      const there = inbox(other.bus, queue);
      await here.stop(0);
      await process.bus.publish(numbered(queue, 1));
      await there.next(4);
      await there.stop();
    });

    /** A broker takes a moment to know who listens; what is said before is heard by nobody. */
    const listening = async (topic: string, heard: () => boolean): Promise<void> => {
      for (let round = 0; round < 100 && !heard(); round++) {
        process.bus.broadcast(topic, "anybody there?");
        await pause(20);
      }
      await pause(50);
    };

    it("broadcasts reach both, in order, however many they are", async () => {
      const topic = unique("topic");
      const heard: Record<"here" | "there", unknown[]> = { here: [], there: [] };
      process.bus.onBroadcast(topic, (payload) => heard.here.push(payload));
      other.bus.onBroadcast(topic, (payload) => heard.there.push(payload));
      await listening(topic, () => heard.there.length > 0);
      heard.here = [];
      heard.there = [];
      // Together far more than one notification holds.
      const payloads = Array.from({ length: 60 }, (_, n) => ({ n, text: "ü".repeat(500) }));
      for (const payload of payloads) process.bus.broadcast(topic, payload);
      await until("all of them there", () => heard.there.length === payloads.length);
      assert.deepEqual(heard, { here: payloads, there: payloads });
    });

    it("a broadcast of 200 KiB arrives whole, between smaller ones; one that is too large harms none", async () => {
      const topic = unique("topic");
      let heard: unknown[] = [];
      other.bus.onBroadcast(topic, (payload) => heard.push(payload));
      await listening(topic, () => heard.length > 0);
      heard = [];
      const payloads = ["small", "支付".repeat(33_000), "last"];
      process.bus.broadcast(topic, payloads[0]);
      process.bus.broadcast(topic, "x".repeat(limits.messageBytesMax));
      process.bus.broadcast(topic, payloads[1]);
      process.bus.broadcast(topic, payloads[2]);
      await until("all three", () => heard.length === 3);
      assert.deepEqual(heard, payloads);
    });

    it("a reply goes to the process that waits for it, and to no other one", async () => {
      const topic = `reply.${other.instance}`;
      const heard: string[] = [];
      other.bus.onBroadcast(topic, () => heard.push("other"));
      process.bus.onBroadcast(`reply.${process.instance}`, () => heard.push("own"));
      await listening(topic, () => heard.length > 0);
      assert.deepEqual([...new Set(heard)], ["other"]);
    });
  });
}
