/** Buses whose messages are in the database: a lease holds a and only its token settles it. */
import assert from "node:assert/strict";
import { limits } from "../../../engine/limits.js";
import { hold, inbox, numbered, unique } from "../world.js";
import type { BusSuite } from "./suite.js";

export function leasesCases(suite: BusSuite): void {
  it("a lease that runs out: the message comes again, and the old token settles nothing", async () => {
    const queue = unique("q");
    await suite.process.bus.publish(numbered(queue, 1));
    const box = inbox(suite.process.bus, queue);
    const [first] = await box.next();
    await suite.process.tamper.visibleIn(first!.messageId, -1);
    assert.equal((await suite.depthOf(queue))?.ready, 1, "a lease that ran out holds nothing");
    await suite.process.bus.publish(numbered(unique("other"), 1));
    await suite.process.bus.publish(numbered(queue, 1));
    const [again] = await box.next(2);
    assert.equal(again?.messageId, first?.messageId);
    assert.equal(again?.deliveryCount, 2);
    assert.notEqual(again?.token, first?.token);
    await suite.release(first!);
    assert.ok(
      (await suite.process.tamper.visibleInMs(first!.messageId))! > 1_000,
      "released with a stale token",
    );
    assert.equal(await suite.settle(first!), "leaseLost");
    assert.equal(await suite.settle(again!), "committed");
    await box.stop();
  });

  it("a held message is not handed out again while its owner renews", async () => {
    const { held, release: letGo } = await hold(suite.process.bus);
    assert.ok((await suite.process.tamper.visibleInMs(held.messageId))! > limits.leaseMs / 2);
    await letGo();
  });
}
