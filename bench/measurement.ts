/** One measurement of one contestant: started on an empty database, warmed up, loaded, stopped, and what it cost. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { RunningContestant, Start } from "./contestants/contestant.js";
import { databaseCosts, processorCosts, type DatabaseCosts } from "./costs/account.js";
import { type EngineCosts, engineCosts, scrape } from "./costs/metrics.js";
import { openConnections, readPostgres } from "./costs/postgres.js";
import { watching } from "./costs/watch.js";
import { withDatabase } from "./database.js";
import { Load } from "./load/process.js";
import type { Account, LoadReport, Pace } from "./load/protocol.js";

export interface LoadSettings {
  readonly inFlight: number;
  readonly seconds: number;
  readonly warmUpSeconds: number;
  /** Seconds at half of the load; 0: not measured. */
  readonly halfLoadSeconds: number;
  /** For every node process of a contestant, the load process excepted. */
  readonly nodeArgs: readonly string[];
}

export interface Measurement {
  readonly paymentsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Accept to notified, at half of `paymentsPerSecond`. */
  readonly halfLoad?: { readonly perSecond: number; readonly p50Ms: number; readonly p99Ms: number };
  /** Processor milliseconds per payment, by process: its own, `postgres`, `broker`, `load`. */
  readonly processorMs: Readonly<Record<string, number>>;
  readonly database: DatabaseCosts;
  /** Valence alone. */
  readonly engine?: EngineCosts;
  /** Connections to PostgreSQL, counted right after the load. */
  readonly connections: number;
  /** Payments behind the figures per payment of `database`. */
  readonly payments: number;
  /** What must not happen, in words; empty when every order was answered, charged and notified once. */
  readonly failures: readonly string[];
}

const warmUpPerSecond = 1_000;
const rampMs = 1_000;
const drainMsMax = 20_000;

/** One measurement on an empty database. */
export const measureServer = (start: Start, settings: LoadSettings): Promise<Measurement> =>
  withDatabase("bench", (databaseUrl) => measureOn(databaseUrl, start, settings));

/** The same on a database that may hold anything. */
export const measureOn = (databaseUrl: string, start: Start, settings: LoadSettings): Promise<Measurement> =>
  withRunning(databaseUrl, start, settings.nodeArgs, (running, load) =>
    loaded(databaseUrl, running, load, settings),
  );

/** Contestant and load process, both running; afterwards neither is. */
export async function withRunning<T>(
  databaseUrl: string,
  start: Start,
  nodeArgs: readonly string[],
  work: (running: RunningContestant, load: Load) => Promise<T>,
): Promise<T> {
  const folder = mkdtempSync(path.join(tmpdir(), "valence-bench-"));
  const load = await Load.start();
  try {
    const { channelUrl } = load;
    const running = await start({ databaseUrl, channelUrl, folder, nodeArgs });
    try {
      return await work(running, load);
    } finally {
      await running.stop();
    }
  } finally {
    await load.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function loaded(
  databaseUrl: string,
  running: RunningContestant,
  load: Load,
  settings: LoadSettings,
): Promise<Measurement> {
  const { baseUrl } = running;
  const phase = (pace: Pace, expectedPerSecond: number, ramp: number, seconds: number): Promise<LoadReport> =>
    load.run({ baseUrl, pace, expectedPerSecond, rampMs: ramp, windowMs: seconds * 1000, drainMsMax });
  const closed = { kind: "closed", inFlight: settings.inFlight } as const;
  const watch = watching(databaseUrl, running, load);

  const before = await readPostgres(databaseUrl);
  const warmUp = await phase(closed, warmUpPerSecond, 0, settings.warmUpSeconds);
  const reports = [warmUp];
  const countedBefore = await scrape(running.processes);
  const processorBefore = watch();
  const measured = await phase(closed, warmUp.paymentsPerSecond * 1.5, rampMs, settings.seconds);
  const processorMs = processorCosts(processorBefore, watch(), measured.account.notified);
  const counted = await scrape(running.processes);
  const engine = engineCosts(countedBefore, counted, measured.account.notified);
  const connections = await openConnections(databaseUrl);
  reports.push(measured);
  const { paymentsPerSecond, p50Ms, p99Ms } = measured;

  let halfLoad: Measurement["halfLoad"];
  if (settings.halfLoadSeconds > 0) {
    const perSecond = paymentsPerSecond / 2;
    const half = await phase({ kind: "open", perSecond }, perSecond, rampMs, settings.halfLoadSeconds);
    reports.push(half);
    halfLoad = { perSecond, p50Ms: half.p50Ms, p99Ms: half.p99Ms };
  }
  // Connections hand their counters in when they end.
  await running.stop();
  const payments = reports.reduce((sum, { account }) => sum + account.notified, 0);
  return {
    ...{ paymentsPerSecond, p50Ms, p99Ms, processorMs, connections, payments },
    ...(halfLoad ? { halfLoad } : {}),
    ...(engine ? { engine } : {}),
    database: databaseCosts(before, await readPostgres(databaseUrl), payments),
    failures: reports.flatMap(failuresOf),
  };
}

/** What each line of an account that should be zero is called. */
const mustNotBe: Readonly<Partial<Record<keyof Account, string>>> = {
  missing: "accepted, never notified",
  notifiedTwice: "notified twice",
  chargedTwice: "charged twice",
  wrong: "notified wrongly",
  forged: "with a signature that does not hold",
  unanswered: "never answered",
};

export function failuresOf({ account, errors }: LoadReport): readonly string[] {
  const found = Object.entries(mustNotBe)
    .map(([key, words]) => [account[key as keyof Account], words] as const)
    .filter(([count]) => count > 0)
    .map(([count, words]) => `${count} ${words}`);
  const refused = Object.entries(errors).map(([kind, count]) => `${count} refused: ${kind}`);
  const uncharged = account.notified - account.charged;
  return [...found, ...refused, ...(uncharged > 0 ? [`${uncharged} notified, never charged`] : [])];
}
