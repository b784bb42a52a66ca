import assert from "node:assert/strict";
import type { Sample } from "../../../engine/ports/series.js";
import type { QueueDepth } from "../../../engine/ports/bus.js";
import { bottleneck, type BottleneckSigns } from "../../../engine/registry/bottleneck.js";
import { throughputOf } from "../../../engine/registry/throughput.js";

const span = { stepS: 5, windowS: 5, fromMs: 0, toMs: 60_000 };

/** A minute in which every queue had 100 transactions: mean milliseconds in each part, by queue. */
type Times = Readonly<Record<string, { wait?: number; atoms?: number; commit?: number; channel?: number }>>;

function minute(times: Times): BottleneckSigns["lastMinute"] {
  const count = 100;
  const totals = Object.entries(times).flatMap(([queue, { wait = 1, atoms = 1, commit = 3, channel }]) => {
    const labels = { queue, type: "pay" };
    const of = (metric: string, meanMs: number): Sample => ({
      ...{ metric, labels, count, sum: (meanMs / 1_000) * count, buckets: [count] },
    });
    return [
      of("valence_queue_wait_seconds", wait),
      of("valence_atoms_seconds", atoms),
      of("valence_transaction_commit_seconds", commit),
      ...(channel === undefined
        ? []
        : [{ ...of("valence_channel_seconds", channel), labels: { channel: queue.split(".")[1] ?? "" } }]),
    ];
  });
  return throughputOf({ totals, course: [] }, span, { followers: new Set() }, () => [60]);
}

type Module = BottleneckSigns["modules"][number];

function module(name: string, change: Partial<Module> = {}, loopDelayMs = 2): Module {
  const queues = name.startsWith("channel:")
    ? [`channel.${name.slice(8)}`, `channel.${name.slice(8)}.follow`]
    : [`${name}.*`];
  const progress = {
    ...{ consumed: 1, consumedPerS: 1, inFlight: 1, oldestInFlightMs: 5, movedAgoMs: 5 },
    ...{ loopTurnAgoMs: 100, loopDelayMs },
  };
  return { module: name, host: "h1", state: "live", why: "", queues, paused: [], progress, ...change };
}

const waits = (queue: string, ready: number, oldestReadyMs: number): QueueDepth => ({
  ...{ queue, ready, oldestReadyMs, delayed: 0, leased: 0, dead: 0 },
});

const well = [module("flow"), module("channel:sim")];
const open = { channel: "sim", switch: "open", breaker: "closed" } as const;
const usual: Times = { "flow.pay": {}, "channel.sim": { channel: 5 } };

interface Case {
  readonly times?: Times;
  readonly modules?: readonly Module[];
  readonly depths?: readonly QueueDepth[];
  readonly channel?: BottleneckSigns["channels"][number];
}

const rows: readonly (readonly [
  what: string,
  Case,
  kind: string,
  name: string,
  cause: string,
  because: RegExp,
])[] = [
  ["nothing happens", {}, "none", "", "idle", /nothing has been asked for/],
  [
    "payments pass quickly",
    { times: usual },
    "none",
    "",
    "calm",
    /a transaction takes 7\.5 ms, 40 % of it in commits/,
  ],
  [
    "a channel answers slowly",
    { times: { "flow.pay": {}, "channel.sim": { channel: 900 } } },
    ...(["channel", "sim", "slowChannel"] as const),
    /99 % of the time goes to waiting for channel sim, which answers in 900 ms/,
  ],
  [
    "a channel answers slowly and payments pile up before it",
    {
      times: { "flow.pay": {}, "channel.sim": { wait: 5_000, channel: 900 } },
      depths: [waits("channel.sim", 400, 5_000)],
    },
    ...(["channel", "sim", "slowChannel"] as const),
    /channel sim, which answers in 900 ms/,
  ],
  [
    "messages wait while the event loop is late: too few processes",
    {
      times: { "flow.pay": { wait: 2_000, atoms: 4 }, "channel.sim": { channel: 5 } },
      modules: [module("flow", {}, 180), module("channel:sim")],
      depths: [waits("flow.pay", 900, 2_000)],
    },
    ...(["module", "flow", "busyModule"] as const),
    /messages wait 2000 ms in flow\.pay: flow has more to do .* 180 ms late\); start another/,
  ],
  [
    "messages wait while the event loop has time: too few workers",
    { times: { "flow.pay": { wait: 2_000 } }, depths: [waits("flow.pay", 900, 2_000)] },
    ...(["queue", "flow.pay", "tooFewWorkers"] as const),
    /messages wait 2000 ms in flow\.pay, and flow has time: raise its concurrency/,
  ],
  [
    "commits are slow",
    { times: { "flow.pay": { commit: 300 }, "channel.sim": { commit: 300, channel: 5 } } },
    ...(["database", "", "slowCommits"] as const),
    /commits, 300 ms a transaction: the database is the limit/,
  ],
  [
    "messages wait because commits are slow",
    { times: { "flow.pay": { wait: 3_000, commit: 300 } }, depths: [waits("flow.pay", 900, 3_000)] },
    ...(["database", "", "slowCommits"] as const),
    /the database is the limit/,
  ],
  [
    "atoms compute for long",
    { times: { "flow.pay": { atoms: 250 } } },
    ...(["module", "flow", "heavyAtoms"] as const),
    /98 % of the time goes to the atoms of flow\.pay, 250 ms a transaction/,
  ],
  [
    "a module is stuck, whatever else is slow",
    {
      times: { "channel.sim": { channel: 900 } },
      modules: [
        module("flow", { state: "stuck", why: "nothing has ended for 9.0 s" }),
        module("channel:sim"),
      ],
      depths: [waits("flow.pay", 3, 9_000)],
    },
    ...(["module", "flow", "moduleStuck"] as const),
    /flow on h1 is stuck: nothing has ended for 9\.0 s/,
  ],
  [
    "the only process of a module died",
    {
      modules: [module("flow"), module("channel:sim", { state: "lost" })],
      depths: [waits("channel.sim", 4, 500)],
    },
    ...(["module", "channel:sim", "moduleLost"] as const),
    /channel:sim is lost and no other process runs it: 4 wait in channel\.sim/,
  ],
  [
    "one of two processes died: the other one takes over",
    {
      times: usual,
      modules: [...well, module("flow", { state: "lost" })],
      depths: [waits("flow.pay", 1, 5)],
    },
    ...(["none", "", "calm"] as const),
    /nothing holds payments up/,
  ],
  [
    "nobody has ever served a queue",
    { modules: well, depths: [waits("feed.audit", 2, 60_000)] },
    ...(["queue", "feed.audit", "queueUnserved"] as const),
    /no module serves feed\.audit: 2 wait/,
  ],
  [
    "payments wait for a closed channel",
    { depths: [waits("channel.sim", 7, 30_000)], channel: { ...open, switch: "closed" } },
    ...(["channel", "sim", "channelShut"] as const),
    /channel sim is closed and 7 payments wait/,
  ],
  [
    "payments wait for a breaker",
    { times: usual, depths: [waits("channel.sim", 7, 30_000)], channel: { ...open, breaker: "open" } },
    ...(["channel", "sim", "breakerOpen"] as const),
    /the breaker of channel sim is open/,
  ],
];

describe("the bottleneck is named, and why", () => {
  for (const [what, { times = {}, modules = well, depths = [], channel = open }, ...expected] of rows)
    it(`${what}: ${expected.slice(0, 3).filter(Boolean).join(" ")}`, () => {
      const found = bottleneck({ lastMinute: minute(times), modules, depths, channels: [channel] });
      const [kind, name, cause, because] = expected;
      assert.deepEqual([found.kind, found.name, found.cause], [kind, name, cause], found.because);
      assert.match(found.because, because);
      assert.ok(found.share >= 0 && found.share <= 1, `share ${found.share}`);
    });
});
