import assert from "node:assert/strict";
import { limits } from "../../../engine/limits.js";
import type { QueueDepth } from "../../../engine/ports/bus.js";
import type { ModuleProgress } from "../../../engine/ports/modules.js";
import { moduleHealth, waitingFor, WaitingWatch } from "../../../engine/registry/module-health.js";

const progress = (change: Partial<ModuleProgress>): ModuleProgress => ({
  ...{ consumed: 100, consumedPerS: 0, inFlight: 0, oldestInFlightMs: 0, movedAgoMs: 60_000 },
  ...{ loopTurnAgoMs: 100, loopDelayMs: 1 },
  ...change,
});
const wait = (ready: number, oldestMs: number) => [{ queue: "flow.pay", ready, oldestMs }];

describe("module health: the state, from what a module told and what waits for it", () => {
  const { moduleStuckMs: stuckMs, moduleLostMs: lostMs, loopBlockedMs } = limits;
  const rows: readonly (readonly [
    what: string,
    beatAgoMs: number,
    progress: Partial<ModuleProgress>,
    waiting: ReturnType<typeof wait>,
    expected: string,
  ])[] = [
    ["nothing waits, nothing is under way", 500, {}, [], "idle"],
    ["just started, nothing done yet", 500, { consumed: 0, movedAgoMs: 10 }, [], "idle"],
    ["something ended a moment ago", 500, { movedAgoMs: 900 }, [], "live"],
    ["a message arrives after an hour of silence", 500, {}, wait(1, 20), "live"],
    ["a slow answer within the send window", 500, { inFlight: 1, oldestInFlightMs: 8_000 }, [], "live"],
    ["a handler never ends", 500, { inFlight: 1, oldestInFlightMs: stuckMs + 1 }, [], "stuck"],
    ["exactly at the limit", 500, { inFlight: 1, oldestInFlightMs: stuckMs }, [], "live"],
    [
      "one never ends, others do",
      500,
      { inFlight: 9, oldestInFlightMs: 60_000, movedAgoMs: 200 },
      [],
      "live",
    ],
    ["messages wait and nobody takes them", 500, {}, wait(3, stuckMs + 1), "stuck"],
    ["a long backlog that is being worked off", 500, { movedAgoMs: 50 }, wait(9_000, 600_000), "live"],
    ["the loop does not turn", 500, { loopTurnAgoMs: loopBlockedMs + 1 }, [], "stuck"],
    ["the loop was late, not blocked", 500, { loopTurnAgoMs: loopBlockedMs }, [], "idle"],
    ["beats are late", lostMs, {}, [], "idle"],
    ["no beat for too long", lostMs + 1, {}, [], "lost"],
    [
      "lost, whatever it said last",
      lostMs + 1,
      { inFlight: 1, oldestInFlightMs: 60_000 },
      wait(1, 60_000),
      "lost",
    ],
  ];
  for (const [what, beatAgoMs, change, waiting, expected] of rows)
    it(`${what}: ${expected}`, () => {
      const { state, why } = moduleHealth({ beatAgoMs, progress: progress(change), waiting });
      assert.equal(state, expected);
      assert.equal(why === "", expected === "idle" || expected === "live", why);
    });

  it("the reason names what is seen", () => {
    const reason = (change: Partial<ModuleProgress>, waiting = wait(0, 0), beatAgoMs = 0): string =>
      moduleHealth({ beatAgoMs, progress: progress(change), waiting }).why;
    assert.equal(reason({}, [], 12_000), "no beat for 12.0 s");
    assert.equal(reason({ loopTurnAgoMs: 7_000 }), "its event loop has not turned for 7.0 s");
    assert.equal(
      reason({ inFlight: 2, oldestInFlightMs: 9_000 }, wait(4, 20_000)),
      "nothing has ended for 20.0 s: 2 under way, the oldest for 9.0 s; 4 wait in flow.pay, up to 20.0 s",
    );
  });
});

describe("module health: what waits for a module", () => {
  const waiting = [...wait(1, 1), { queue: "channel.a", ready: 1, oldestMs: 1 }];
  const rows: readonly (readonly [string, readonly string[], readonly string[], readonly string[]])[] = [
    ["its own queues", ["channel.a", "channel.a.follow"], [], ["channel.a"]],
    ["patterns", ["flow.*"], [], ["flow.pay"]],
    ["not what it has paused", ["channel.a"], ["channel.a"], []],
    ["nothing without queues", [], [], []],
  ];
  for (const [what, queues, paused, expected] of rows)
    it(what, () => {
      assert.deepEqual(
        waitingFor({ queues, paused }, waiting).map(({ queue }) => queue),
        expected,
      );
    });
});

describe("module health: a broker that does not know how old its messages are", () => {
  const depth = (queue: string, ready: number, oldestReadyMs = 0): QueueDepth => ({
    ...{ queue, ready, oldestReadyMs },
    ...{ delayed: 0, leased: 0, dead: 0 },
  });
  it("a queue has waited for as long as it was seen with something in it, and no longer", () => {
    const watch = new WaitingWatch();
    const ages = (nowMs: number, ...depths: readonly QueueDepth[]): readonly number[] =>
      watch.look(depths, nowMs).map(({ oldestMs }) => oldestMs);
    assert.deepEqual(ages(1_000, depth("a", 1), depth("b", 1, 77)), [0, 77]);
    assert.deepEqual(ages(6_000, depth("a", 5), depth("b", 1, 88)), [5_000, 88]);
    assert.deepEqual(ages(7_000, depth("a", 0)), []);
    assert.deepEqual(ages(8_000, depth("a", 1)), [0]);
  });
});
