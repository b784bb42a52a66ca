import assert from "node:assert/strict";
import {
  channelFacts,
  type ChannelReport,
  liveMsMax,
  missingMsMax,
} from "../../../engine/registry/channel-facts.js";
import { needsStandIn } from "../../../engine/registry/confirm.js";
import { redirectCycle } from "../../../engine/registry/redirects.js";
import type { ChannelFacts } from "../../../engine/ports/reference.js";
import { factsOf } from "../../../adapters/memory/facts.js";

const config = { channel: "a", switch: "open", waiting: "reroute", redirectTo: null, manifest: {} } as const;
const report = (change: Partial<ChannelReport> = {}): ChannelReport => ({
  ...{
    instance: "i",
    breaker: "closed",
    calls: 0,
    successRatio: 1,
    p50Ms: 0,
    p95Ms: 0,
    inFlight: 0,
    beatAgoMs: 0,
  },
  ...change,
});

describe("channel facts: presence", () => {
  const rows: readonly (readonly [string, readonly number[], string])[] = [
    ["nobody has ever reported", [], "gone"],
    ["one reports", [liveMsMax], "live"],
    ["one has just died", [liveMsMax + 1], "missing"],
    ["one died, one lives", [liveMsMax + 1, 10], "live"],
    ["the last one died a while ago", [missingMsMax + 1], "gone"],
  ];
  for (const [what, beats, expected] of rows)
    it(`${what}: ${expected}`, () => {
      const reports = beats.map((beatAgoMs) => report({ beatAgoMs }));
      assert.equal(channelFacts(config, reports).presence, expected);
    });
});

describe("channel facts: what several modules measure", () => {
  it("one closed breaker keeps the channel going; without one it is tripped", () => {
    const breakerOf = (...breakers: ChannelFacts["breaker"][]) =>
      channelFacts(
        config,
        breakers.map((breaker) => report({ breaker })),
      ).breaker;
    assert.equal(breakerOf("open", "closed"), "closed");
    assert.equal(breakerOf("open", "half-open"), "half-open");
    assert.equal(breakerOf("open", "open"), "open");
    assert.equal(breakerOf(), "closed");
  });
  it("ratio and median count by calls, the 95th percentile is the worst, the dead count no more", () => {
    const facts = channelFacts(config, [
      report({ calls: 30, successRatio: 1, p50Ms: 10, p95Ms: 50, inFlight: 2 }),
      report({ calls: 10, successRatio: 0.6, p50Ms: 50, p95Ms: 90, inFlight: 1 }),
      report({ calls: 1000, successRatio: 0, p95Ms: 9_000, inFlight: 60, beatAgoMs: liveMsMax + 1 }),
    ]);
    const { successRatio, p50Ms, p95Ms, inFlight } = facts;
    assert.deepEqual(
      { successRatio, p50Ms, p95Ms, inFlight },
      { ...{ successRatio: 0.9, p50Ms: 20 }, ...{ p95Ms: 90, inFlight: 3 } },
    );
  });
  it("a manifest that lacks what was added later still is one", () => {
    const { weight, feeBps, feeMinorMin, successRatio } = channelFacts(config, []);
    assert.deepEqual([weight, feeBps, feeMinorMin, successRatio], [1, 0, 0, 1]);
  });
});

describe("redirects: chains, never circles", () => {
  const links = new Map([
    ["b", "c"],
    ["c", "d"],
  ]);
  const rows: readonly (readonly [string, string, string])[] = [
    ["a", "b", "fine"],
    ["a", "a", "a a"],
    ["c", "b", "c b c"],
    ["d", "b", "d b c d"],
    ["d", "a", "fine"],
  ];
  for (const [from, to, expected] of rows)
    it(`${from} to ${to}: ${expected}`, () => {
      assert.equal(redirectCycle(from, to, links)?.join(" ") ?? "fine", expected);
    });
});

describe("stand-ins look after what may go elsewhere, and leave what has to wait", () => {
  const rows: readonly (readonly [Partial<ChannelFacts>, Partial<ChannelFacts>, boolean])[] = [
    // alpha, beta
    [{}, {}, false],
    [{ switch: "draining" }, {}, false],
    [{ switch: "closed" }, {}, true],
    [{ switch: "closed", waiting: "stay" }, {}, false],
    [{ switch: "closed" }, { switch: "closed" }, false],
    [{ switch: "closed" }, { presence: "missing" }, false],
    [{ switch: "redirect", redirectTo: "beta", waiting: "stay" }, {}, true],
    [{ presence: "missing" }, {}, true],
    [{ presence: "gone" }, {}, true],
    [{ presence: "gone", waiting: "stay" }, {}, false],
  ];
  for (const [alpha, beta, expected] of rows)
    it(`${JSON.stringify(alpha)} beside ${JSON.stringify(beta)}: ${expected}`, () => {
      const all = [factsOf("alpha", alpha), factsOf("beta", beta)];
      assert.equal(needsStandIn(all[0]!, all), expected);
    });
});
