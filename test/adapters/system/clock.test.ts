import assert from "node:assert/strict";
import { systemClock, systemRandom } from "../../../adapters/system/clock.js";
import { isId, timestampOf } from "../../../engine/ids.js";
import { sleep } from "../../../engine/ports/clock.js";

describe("system clock", () => {
  it("calls back once, and not before the delay has passed", async () => {
    const startMs = systemClock.monotonicMs();
    await sleep(systemClock, 20);
    // Timers count whole milliseconds: one may be lost to rounding.
    assert.ok(systemClock.monotonicMs() - startMs >= 19);
  });

  it("does not call back after cancelling", async () => {
    let calls = 0;
    const cancel = systemClock.after(5, () => (calls += 1));
    cancel();
    await sleep(systemClock, 20);
    assert.equal(calls, 0);
  });

  it("a delay beyond 32 bits waits instead of firing at once", async () => {
    let calls = 0;
    const cancel = systemClock.after(30 * 24 * 3_600_000, () => (calls += 1));
    await sleep(systemClock, 20);
    cancel();
    assert.equal(calls, 0);
  });
});

describe("system chance", () => {
  it("ids are ours, carry the time, ascend and never repeat", () => {
    const beforeMs = systemClock.nowMs();
    const ids = Array.from({ length: 10_000 }, () => systemRandom.id());
    assert.ok(ids.every(isId));
    assert.deepEqual([...ids].sort(), ids);
    assert.equal(new Set(ids).size, ids.length);
    assert.ok(timestampOf(ids[0]!) >= beforeMs);
  });

  it("fractions lie in [0, 1) and differ", () => {
    const fractions = Array.from({ length: 1000 }, () => systemRandom.fraction());
    assert.ok(fractions.every((fraction) => fraction >= 0 && fraction < 1));
    assert.ok(new Set(fractions).size > 900);
  });
});
