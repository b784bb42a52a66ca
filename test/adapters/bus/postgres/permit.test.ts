/** A delivery that goes on under another consumer of its process: room, leases and counts follow it. */
import assert from "node:assert/strict";
import { Subscription } from "../../../../adapters/bus/postgres/subscription.js";
import { systemClock } from "../../../../adapters/system/clock.js";
import type { Delivery } from "../../../../engine/ports/bus.js";

const delivery: Delivery = {
  ...{ messageId: "m", queue: "a", token: "t", type: "run", body: {} },
  ...{ deliveryCount: 1, expired: false, queueWaitMs: 0 },
};

/** A consumer whose handler ends when it is told to. */
function consumer(): { readonly it: Subscription; readonly end: () => void; readonly handled: Delivery[] } {
  const handled: Delivery[] = [];
  const ends: (() => void)[] = [];
  const handler = (each: Delivery): Promise<void> => {
    handled.push(each);
    return each.rest ?? new Promise((resolve) => ends.push(resolve));
  };
  const none = (): void => undefined;
  const it = new Subscription(
    () => ["a"],
    2,
    handler,
    systemClock,
    none,
    () => Promise.resolve(),
  );
  return { it, handled, end: () => ends.shift()?.() };
}
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("a permit of a consumer", () => {
  for (const [where, same] of [
    ["another consumer", false],
    ["the consumer it came with", true],
  ] as const)
    it(`moves a delivery to ${where}: held there until the rest is done, and its old room is free`, async () => {
      const from = consumer();
      const to = same ? from : consumer();
      from.it.start(delivery, false);
      assert.ok(to.it.reserve());
      let done: () => void = () => undefined;
      const rest = new Promise<void>((resolve) => (done = resolve));
      from.it.leave(delivery);
      to.it.start({ ...delivery, rest }, true);
      from.end();
      await turn();
      assert.deepEqual([to.it.inFlight, to.it.held.length], [1, 1], "its lease is renewed here");
      if (!same) assert.equal(from.it.inFlight, 0);
      assert.equal(to.handled.at(-1)?.rest, rest);
      done();
      await turn();
      assert.equal(to.it.inFlight, 0);
    });
});
