/**
 * What holds payments up right now, in words. Decided from the last minute of recorded throughput and one look at the
 * system, by the first of these that holds:
 *
 *     a module is stuck                          the module
 *     messages wait and nobody lives to take them     the module that is lost, or the queue nobody serves
 *     messages wait for a channel that is not taken from      the channel: its switch or its breaker
 *     nothing happened and nothing waits         none: idle
 *     a transaction is quick and nothing is old  none: calm
 *     otherwise                                  whatever the largest share of the time goes to
 *
 * Waiting in a queue is a symptom: its cause is what the workers of that queue are busy with.
 */
import type { QueueDepth } from "../ports/bus.js";
import type { ModuleView } from "../ports/modules.js";
import type { ChannelFacts } from "../ports/reference.js";
import { channelOf } from "../runtime/report.js";
import { covers } from "./served.js";
import type { Throughput, ThroughputView } from "./throughput.js";
import { moduleOf, onTheWay } from "./throughput-facts.js";

export type BottleneckCause =
  | "moduleStuck"
  | "moduleLost"
  | "queueUnserved"
  | "channelShut"
  | "breakerOpen"
  | "idle"
  | "calm"
  | "slowChannel"
  | "slowCommits"
  | "heavyAtoms"
  | "busyModule"
  | "tooFewWorkers";

export interface Bottleneck {
  readonly kind: "queue" | "module" | "channel" | "database" | "none";
  /** Of the module, queue or channel; empty for `database` and `none`. */
  readonly name: string;
  /** Of the time (of the waiting messages, where they only wait) that goes to it: 0 to 1. */
  readonly share: number;
  readonly cause: BottleneckCause;
  /** What the explanation is made of: counts, and durations in milliseconds. */
  readonly figures: Readonly<Record<string, number>>;
  /** For people, in English. */
  readonly because: string;
}

export interface BottleneckSigns {
  readonly lastMinute: Pick<Throughput, "system" | "queues" | "channels">;
  readonly modules: readonly Pick<
    ModuleView,
    "module" | "host" | "state" | "why" | "queues" | "paused" | "progress"
  >[];
  readonly depths: readonly QueueDepth[];
  readonly channels: readonly Pick<ChannelFacts, "channel" | "switch" | "breaker">[];
}

/** A transaction that takes no longer, on average, is nothing to look into. Milliseconds. */
const quickMs = 100;
/** A message that has waited so long waits for something. Milliseconds. */
const oldMs = 1_000;
/** An event loop that is late by so much has more to do than it can. Milliseconds. */
const busyLoopMs = 50;

type Rule = (signs: BottleneckSigns) => Bottleneck | undefined;

export function bottleneck(signs: BottleneckSigns): Bottleneck {
  for (const rule of [stuckModule, nobodyServes, shutChannel, nothingToDo]) {
    const found = rule(signs);
    if (found) return found;
  }
  return largestShare(signs);
}

const stuckModule: Rule = ({ modules, depths }) => {
  const stuck = modules.find(({ state }) => state === "stuck");
  if (!stuck) return undefined;
  const waiting = ready(depths);
  const its = ready(depths.filter(({ queue }) => serves(stuck, queue)));
  return {
    ...{ kind: "module", name: stuck.module, cause: "moduleStuck" },
    share: waiting === 0 ? 1 : its / waiting,
    figures: { waiting: its },
    because: `${stuck.module} on ${stuck.host} is stuck: ${stuck.why}`,
  };
};

const nobodyServes: Rule = ({ modules, depths }) => {
  const alone = longestWaiting(
    depths.filter(({ queue }) => !modules.some((module) => module.state !== "lost" && serves(module, queue))),
  );
  if (!alone) return undefined;
  const { queue, ready: waiting, oldestReadyMs } = alone;
  const lost = modules.find((module) => serves(module, queue));
  const figures = { waiting, oldestMs: oldestReadyMs };
  const share = waiting / ready(depths);
  const waits = `${waiting} wait in ${queue}`;
  return lost
    ? {
        ...{ kind: "module", name: lost.module, cause: "moduleLost", share, figures },
        because: `${lost.module} is lost and no other process runs it: ${waits}`,
      }
    : {
        ...{ kind: "queue", name: queue, cause: "queueUnserved", share, figures },
        because: `no module serves ${queue}: ${waits}; start the one that does`,
      };
};

const shutChannel: Rule = ({ channels, depths }) => {
  const shut = channels.filter((channel) => channel.switch === "closed" || channel.breaker === "open");
  const waiting = longestWaiting(
    depths.filter(({ queue }) => shut.some(({ channel }) => queue === `channel.${channel}`)),
  );
  if (!waiting || waiting.oldestReadyMs < oldMs) return undefined;
  const name = channelOf(waiting.queue);
  const isClosed = shut.some(({ channel, switch: position }) => channel === name && position === "closed");
  return {
    ...{ kind: "channel", name, cause: isClosed ? "channelShut" : "breakerOpen" },
    share: waiting.ready / ready(depths),
    figures: { waiting: waiting.ready, oldestMs: waiting.oldestReadyMs },
    because: isClosed
      ? `channel ${name} is closed and ${waiting.ready} payments wait for it`
      : `the breaker of channel ${name} is open and ${waiting.ready} payments wait for it`,
  };
};

const nothingToDo: Rule = (signs) => {
  const { depths, lastMinute } = signs;
  const transactions = timesOf(lastMinute).transactions;
  if (transactions === 0 && ready(depths) === 0)
    return {
      ...{ kind: "none", name: "", share: 0, cause: "idle", figures: {} },
      because: "nothing has been asked for within the last minute, and nothing waits",
    };
  const oldest = Math.max(
    0,
    ...depths.filter(({ queue }) => onTheWay(queue)).map((depth) => depth.oldestReadyMs),
  );
  const { part, share, meanMs } = largestPart(lastMinute);
  if (transactions === 0 || meanMs > quickMs || oldest > oldMs) return undefined;
  return {
    ...{ kind: "none", name: "", share, cause: "calm", figures: { meanMs } },
    because: `nothing holds payments up: a transaction takes ${ms(meanMs)}, ${percent(share)} of it ${doing[part]}`,
  };
};

function largestShare(signs: BottleneckSigns): Bottleneck {
  const { lastMinute } = signs;
  const { part, share } = largestPart(lastMinute);
  if (part === "channel") return slowChannel(lastMinute, share);
  if (part === "commit") return slowCommits(lastMinute, share);
  if (part === "atoms") {
    const view = mostOf(lastMinute.queues, "atoms");
    const name = moduleOf(view?.name ?? "");
    const meanMs = view?.latency.atoms?.meanMs ?? 0;
    return {
      ...{ kind: "module", name, share, cause: "heavyAtoms", figures: { meanMs } },
      because: `${percent(share)} of the time goes to the atoms of ${view?.name ?? ""}, ${ms(meanMs)} a transaction`,
    };
  }
  return waitingQueue(signs, share);
}

/** Messages wait in a queue: because of what its workers are busy with, or because there are too few of them. */
function waitingQueue({ lastMinute, modules, depths }: BottleneckSigns, share: number): Bottleneck {
  const queue = mostOf(lastMinute.queues, "queueWait")?.name ?? longestWaiting(depths)?.queue ?? "";
  const view = lastMinute.queues.find(({ name }) => name === queue);
  const [atoms, commit] = [spent(view, "atoms"), spent(view, "commit")];
  const channel = lastMinute.channels.find(({ name }) => name === channelOf(queue));
  if (spent(channel, "channel") > atoms + commit) return slowChannel(lastMinute, share, channel);
  if (commit > atoms && (view?.latency.commit?.meanMs ?? 0) > quickMs) return slowCommits(lastMinute, share);
  const waitMs = view?.latency.queueWait?.meanMs ?? 0;
  const busiest = modules
    .filter((module) => module.state !== "lost" && serves(module, queue))
    .sort((a, b) => b.progress.loopDelayMs - a.progress.loopDelayMs)[0];
  const loopDelayMs = Math.round(busiest?.progress.loopDelayMs ?? 0);
  const waits = `messages wait ${ms(waitMs)} in ${queue}`;
  if (busiest && loopDelayMs >= busyLoopMs)
    return {
      ...{
        kind: "module",
        name: busiest.module,
        share,
        cause: "busyModule",
        figures: { waitMs, loopDelayMs },
      },
      because: `${waits}: ${busiest.module} has more to do than one process can (its event loop is ${loopDelayMs} ms late); start another`,
    };
  return {
    ...{ kind: "queue", name: queue, share, cause: "tooFewWorkers", figures: { waitMs, loopDelayMs } },
    because: `${waits}, and ${moduleOf(queue)} has time: raise its concurrency`,
  };
}

function slowChannel(
  { channels }: BottleneckSigns["lastMinute"],
  share: number,
  view: ThroughputView | undefined = mostOf(channels, "channel"),
): Bottleneck {
  const name = view?.name ?? "";
  const { meanMs = 0, p95Ms = 0 } = view?.latency.channel ?? {};
  return {
    ...{ kind: "channel", name, share, cause: "slowChannel", figures: { meanMs, p95Ms } },
    because: `${percent(share)} of the time goes to waiting for channel ${name}, which answers in ${ms(meanMs)}`,
  };
}

function slowCommits({ system }: BottleneckSigns["lastMinute"], share: number): Bottleneck {
  const { meanMs = 0, p95Ms = 0 } = system.latency.commit ?? {};
  return {
    ...{ kind: "database", name: "", share, cause: "slowCommits", figures: { meanMs, p95Ms } },
    because: `${percent(share)} of the time goes to commits, ${ms(meanMs)} a transaction: the database is the limit`,
  };
}

type InnerPart = "queueWait" | "atoms" | "commit" | "channel";

const doing: Readonly<Record<InnerPart, string>> = {
  queueWait: "waiting in queues",
  atoms: "in atoms",
  commit: "in commits",
  channel: "at channels",
};

/** Milliseconds spent in each part within the minute, by everything on the way of a payment. */
function timesOf({ system }: Pick<BottleneckSigns["lastMinute"], "system">): {
  readonly transactions: number;
  readonly parts: readonly (readonly [InnerPart, number])[];
} {
  const names = Object.keys(doing) as InnerPart[];
  return {
    transactions: system.latency.queueWait?.count ?? 0,
    parts: names.map((part) => [part, spent(system, part)] as const),
  };
}

function largestPart(lastMinute: Pick<BottleneckSigns["lastMinute"], "system">): {
  readonly part: InnerPart;
  readonly share: number;
  /** Of a transaction as a whole. */
  readonly meanMs: number;
} {
  const { transactions, parts } = timesOf(lastMinute);
  const totalMs = parts.reduce((sum, [, each]) => sum + each, 0);
  const [part, largestMs] = [...parts].sort(([, a], [, b]) => b - a)[0] ?? ["queueWait", 0];
  return {
    part: totalMs === 0 ? "queueWait" : part,
    share: totalMs === 0 ? 0 : largestMs / totalMs,
    meanMs: transactions === 0 ? 0 : totalMs / transactions,
  };
}

const spent = (view: ThroughputView | undefined, part: InnerPart): number => {
  const latency = view?.latency[part];
  return latency ? latency.count * latency.meanMs : 0;
};

const mostOf = (views: readonly ThroughputView[], part: InnerPart): ThroughputView | undefined =>
  views
    .filter(({ name }) => part === "channel" || onTheWay(name))
    .sort((a, b) => spent(b, part) - spent(a, part))[0];

const serves = ({ queues }: Pick<ModuleView, "queues">, queue: string): boolean =>
  queues.some((served) => covers(served, queue));

const ready = (depths: readonly QueueDepth[]): number => depths.reduce((sum, depth) => sum + depth.ready, 0);

const longestWaiting = (depths: readonly QueueDepth[]): QueueDepth | undefined =>
  depths.filter((depth) => depth.ready > 0).sort((a, b) => b.oldestReadyMs - a.oldestReadyMs)[0];

const percent = (share: number): string => `${Math.round(share * 100)} %`;
const ms = (value: number): string => `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`;
