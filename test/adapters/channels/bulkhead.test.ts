import assert from "node:assert/strict";
import { withBulkhead, type GuardedDriver } from "../../../adapters/channels/bulkhead.js";
import type {
  BreakerState,
  ChannelAnswer,
  ChannelDriver,
  ChannelResult,
  ProbeResult,
} from "../../../engine/ports/channel.js";
import { patience, payment, refundOf } from "../../contract/channel-world.js";
import { ScriptedChannel } from "../../../adapters/memory/channel.js";
import { settled, VirtualClock } from "../../../adapters/memory/clock.js";

const breaker = { failureRatio: 0.5, minimumCalls: 4, windowMs: 10_000, openForMs: 2_000 };

/** An institution whose next answers are in the test's hands; it counts what reached it. */
class Puppet extends ScriptedChannel {
  readonly reached: string[] = [];
  next: ChannelResult = "approved";
  health: ProbeResult = "answers";
  /** While set, charges and probes wait for it. */
  gate: Promise<void> | undefined;

  override readonly manifest = { ...new ScriptedChannel("puppet").manifest, concurrencyMax: 2, breaker };

  constructor() {
    super("puppet");
  }

  override async charge(): Promise<ChannelAnswer> {
    this.reached.push("charge");
    const result = this.next;
    await this.gate;
    return { result, evidence: {} };
  }

  override refund(): Promise<ChannelAnswer> {
    this.reached.push("refund");
    return Promise.resolve({ result: this.next, evidence: {} });
  }

  override async probe(): Promise<ChannelAnswer<ProbeResult>> {
    this.reached.push("probe");
    await this.gate;
    return { result: this.health, evidence: {} };
  }
}

interface World {
  readonly clock: VirtualClock;
  readonly puppet: Puppet;
  readonly guarded: GuardedDriver;
  readonly states: BreakerState[];
  charge(result: ChannelResult, signal?: AbortSignal): Promise<ChannelAnswer>;
  /** Time goes on, and what was due has happened. */
  pass(ms: number): Promise<void>;
}

function world(): World {
  const clock = new VirtualClock(1_700_000_000_000);
  const puppet = new Puppet();
  const guarded = withBulkhead(puppet as ChannelDriver, { clock });
  const states: BreakerState[] = [];
  guarded.onBreaker((state) => states.push(state));
  return {
    clock,
    puppet,
    guarded,
    states,
    charge: (result, signal = patience()) => {
      puppet.next = result;
      return guarded.charge(payment(), signal);
    },
    pass: async (ms) => {
      clock.moveTo(clock.nowMs() + ms);
      await settled();
    },
  };
}

async function opened(): Promise<World> {
  const made = world();
  for (let call = 0; call < 4; call += 1) await made.charge("unknown");
  assert.equal(made.guarded.breaker, "open");
  made.puppet.reached.length = 0;
  return made;
}

/** Four charges one after the other; n: notSent, u: unknown, d: declined, p: pending, a: approved. */
const table: readonly (readonly [charges: string, breaker: BreakerState, why: string])[] = [
  ["aaaa", "closed", "all is well"],
  ["dddd", "closed", "declines are answers"],
  ["pppp", "closed", "waiting is an answer"],
  ["uuu", "closed", "three calls prove nothing yet"],
  ["uuuu", "open", "nothing can be heard"],
  ["nnnn", "open", "nobody can be reached"],
  ["undu", "open", "three of four"],
  ["dada u", "closed", "one of five"],
  ["aauu", "open", "half of them is the ratio that trips"],
  ["aaauu", "closed", "less than half"],
];
const letters: Readonly<Record<string, ChannelResult>> = {
  n: "notSent",
  u: "unknown",
  d: "declined",
  p: "pending",
  a: "approved",
};

describe("the bulkhead of a channel", () => {
  for (const [charges, state, why] of table)
    it(`after ${charges} the breaker is ${state}: ${why}`, async () => {
      const { guarded, charge } = world();
      for (const letter of charges.replaceAll(" ", "")) await charge(letters[letter]!);
      assert.equal(guarded.breaker, state);
    });

  it("failures older than the window are forgotten", async () => {
    const { guarded, charge, pass } = world();
    for (let call = 0; call < 3; call += 1) await charge("unknown");
    await pass(breaker.windowMs);
    await charge("unknown");
    assert.equal(guarded.breaker, "closed");
  });

  it("open: charges and refunds are not sent, and say why; questions go through", async () => {
    const { guarded, puppet, charge } = await opened();
    const refused = await charge("approved");
    assert.deepEqual([refused.result, refused.message], ["notSent", "breaker open"]);
    assert.equal(refused.evidence["failure"], "breaker open");
    const asked = payment();
    assert.equal((await guarded.refund(refundOf(asked, 1), patience())).result, "notSent");
    assert.deepEqual(puppet.reached, []);
    const { paymentId } = asked;
    assert.equal((await guarded.inquire(asked, patience())).result, "absent");
    assert.equal((await guarded.inquireRefund(refundOf(asked, 1), patience())).result, "absent");
    assert.equal((await guarded.close(asked, patience())).result, "absent");
    const callback = {
      headers: { signature: "genuine" },
      bodyBase64: Buffer.from(paymentId).toString("base64"),
    };
    assert.equal(guarded.callback(callback).verdict, "genuine");
  });

  it("after openForMs one probe is sent, charges still wait; its answer closes the breaker", async () => {
    const { guarded, puppet, charge, pass, states } = await opened();
    await pass(breaker.openForMs - 1);
    assert.deepEqual(puppet.reached, []);
    let open: () => void = () => undefined;
    puppet.gate = new Promise((resolve) => (open = resolve));
    await pass(1);
    assert.equal(guarded.breaker, "half-open");
    assert.equal((await charge("approved")).result, "notSent");
    assert.deepEqual(puppet.reached, ["probe"]);
    open();
    await settled();
    assert.equal(guarded.breaker, "closed");
    assert.equal((await charge("approved")).result, "approved");
    assert.deepEqual(states, ["open", "half-open", "closed"]);
  });

  it("a silent probe opens it again, for as long; then it is asked again", async () => {
    const { guarded, puppet, pass, states } = await opened();
    puppet.health = "silent";
    await pass(breaker.openForMs);
    assert.equal(guarded.breaker, "open");
    puppet.health = "answers";
    await pass(breaker.openForMs - 1);
    assert.equal(guarded.breaker, "open");
    await pass(1);
    assert.equal(guarded.breaker, "closed");
    assert.deepEqual(states, ["open", "half-open", "open", "half-open", "closed"]);
  });

  it("a probe that throws has found nothing", async () => {
    const { guarded, puppet, pass } = await opened();
    puppet.gate = Promise.reject(new Error("a driver with a fault"));
    await pass(breaker.openForMs);
    assert.equal(guarded.breaker, "open");
  });

  it("what failed before it closed does not count afterwards", async () => {
    const { guarded, charge, pass } = await opened();
    await pass(breaker.openForMs);
    for (let call = 0; call < 3; call += 1) await charge("unknown");
    assert.equal(guarded.breaker, "closed");
    await charge("unknown");
    assert.equal(guarded.breaker, "open");
  });

  it("charges given up before they were sent say nothing about the institution", async () => {
    const { guarded, charge } = world();
    for (let call = 0; call < 8; call += 1) await charge("notSent", AbortSignal.abort());
    assert.equal(guarded.breaker, "closed");
  });

  it("failing refunds trip it, too", async () => {
    const { guarded, puppet } = world();
    puppet.next = "unknown";
    for (let call = 0; call < 4; call += 1) await guarded.refund(refundOf(payment(), 1), patience());
    assert.equal(guarded.breaker, "open");
  });

  it("no more charges under way than concurrencyMax: the next is not sent, and may go when one has ended", async () => {
    const { guarded, puppet, charge } = world();
    let open: () => void = () => undefined;
    puppet.gate = new Promise((resolve) => (open = resolve));
    const first = [charge("approved"), charge("approved")];
    assert.equal(guarded.stats().inFlight, 2);
    const refused = await charge("approved");
    assert.deepEqual([refused.result, refused.message], ["notSent", "bulkhead full"]);
    assert.equal((await guarded.inquire(payment(), patience())).result, "absent");
    open();
    assert.deepEqual(
      (await Promise.all(first)).map(({ result }) => result),
      ["approved", "approved"],
    );
    assert.equal(guarded.stats().inFlight, 0);
    assert.equal((await charge("approved")).result, "approved");
    assert.equal(puppet.reached.length, 3);
  });

  it("after it is disposed no probe is sent and no timer is left", async () => {
    const { guarded, puppet, clock, pass } = await opened();
    await guarded.dispose();
    assert.equal(clock.nextMs, undefined);
    await pass(breaker.openForMs);
    assert.deepEqual(puppet.reached, []);
  });

  describe("its statistics", () => {
    it("without calls nothing speaks against the channel", () => {
      const expected = { calls: 0, successRatio: 1, p50Ms: 0, p95Ms: 0, inFlight: 0 };
      assert.deepEqual(world().guarded.stats(), expected);
    });

    it("count how many charges ended, how many of them well, and how long they took", async () => {
      const { guarded, puppet, clock } = world();
      const results: ChannelResult[] = ["approved", "pending", "declined", "approved", "unknown"];
      for (const [index, result] of results.entries()) {
        let open: () => void = () => undefined;
        puppet.gate = new Promise((resolve) => (open = resolve));
        puppet.next = result;
        const call = guarded.charge(payment(), patience());
        clock.moveTo(clock.nowMs() + (index === 4 ? 1_000 : 100));
        open();
        await call;
      }
      const { calls, successRatio, p50Ms, p95Ms } = guarded.stats();
      assert.deepEqual([calls, successRatio], [5, 0.6]);
      assert.ok(p50Ms >= 100 && p50Ms <= 120, `p50 ${p50Ms}`);
      assert.ok(p95Ms >= 1_000 && p95Ms <= 1_200, `p95 ${p95Ms}`);
    });

    it("forget what is older than the window, and never count what was not sent for our own reasons", async () => {
      const { guarded, charge, pass } = await opened();
      await charge("approved");
      assert.equal(guarded.stats().calls, 4);
      await pass(breaker.windowMs);
      assert.equal(guarded.stats().calls, 0);
    });
  });
});
