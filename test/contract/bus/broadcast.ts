/** What is said to every process. */
import assert from "node:assert/strict";
import { unique } from "../world.js";
import type { BusSuite } from "./suite.js";

export function broadcastCases(suite: BusSuite): void {
  it("broadcasts are heard by this process at once, by topic, until the listener leaves", () => {
    const topic = unique("topic");
    const heard: unknown[] = [];
    suite.process.bus.onBroadcast(topic, () => {
      throw new Error("a listener's own trouble");
    });
    const leave = suite.process.bus.onBroadcast(topic, (payload) => heard.push(payload));
    suite.process.bus.broadcast(topic, { a: 1 });
    suite.process.bus.broadcast(unique("topic"), { a: 2 });
    leave();
    suite.process.bus.broadcast(topic, { a: 3 });
    assert.deepEqual(heard, [{ a: 1 }]);
  });
}
