/** Durable shared topics: what is announced once reaches every subscription, each at its own pace. */
import assert from "node:assert/strict";
import { inbox, journalEntry, message, pause, unique, until } from "../world.js";
import type { BusSuite } from "./suite.js";

export function topicsCases(suite: BusSuite): void {
  it("an announcement is in every subscription's queue, in the commit that made it", async () => {
    const subscriptions = [unique("notify"), unique("feed.accounting")];
    const journal = journalEntry();
    const publish = subscriptions.map((queue) => message(queue, { body: { event: "order.paid" } }));
    await suite.process.store.commit({ journal: [journal], writes: [], publish });
    // The same announcement again loses its fence: no subscription hears it twice.
    const again = { ...journal, owner: message("").messageId };
    const repeated = subscriptions.map((queue) => message(queue));
    assert.equal(
      (await suite.process.store.commit({ journal: [again], writes: [], publish: repeated })).result,
      "fenceLost",
    );
    const boxes = subscriptions.map((queue) => inbox(suite.process.bus, queue));
    for (const box of boxes) assert.equal((await box.next())[0]?.body["event"], "order.paid");
    await pause(50);
    assert.deepEqual(
      boxes.map(({ deliveries }) => deliveries.length),
      [1, 1],
    );
    for (const box of boxes) await box.stop();
  });

  it("a subscription that stands still, or buries what it gets, keeps nothing from the other one", async () => {
    const [slow, quick] = [unique("feed.slow"), unique("feed.quick")];
    await suite.bury(slow, 1);
    const boxes = { slow: inbox(suite.process.bus, slow), quick: inbox(suite.process.bus, quick) };
    boxes.slow.pause();
    await pause(20);
    const announce = [0, 1, 2].flatMap((n) => [
      message(slow, { body: { n } }),
      message(quick, { body: { n } }),
    ]);
    await suite.process.store.commit({ writes: [], publish: announce });
    for (const held of await boxes.quick.next(3)) await suite.settle(held);
    const waiting = { slow: { ready: 3, dead: 1 }, quick: undefined };
    await until("the quick one is done, the slow one has all of it", async () => {
      const [there, done] = [await suite.depthOf(slow), await suite.depthOf(quick)];
      return there?.ready === waiting.slow.ready && there.dead === waiting.slow.dead && done === undefined;
    });
    boxes.slow.resume();
    await boxes.slow.next(3);
    await boxes.slow.stop();
    await boxes.quick.stop();
  });
}
