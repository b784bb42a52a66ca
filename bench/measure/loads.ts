/** Where the time of one payment goes at several loads: the histograms of the processes before and after each. */
import { processorCosts } from "../costs/account.js";
import { grownMean, grownSum, labelsOf, type Sample, scrape } from "../costs/metrics.js";
import { watching } from "../costs/watch.js";
import { withDatabase } from "../database.js";
import type { LoadReport, Pace } from "../load/protocol.js";
import { failuresOf, withRunning } from "../measurement.js";
import { UsageError } from "../options.js";
import { loads, type LoadPoint, type LoadsFigures, type TransactionMs } from "../report/sections/loads.js";
import { figure } from "../report/table.js";
import { orderPath } from "../world.js";
import { busFlag, startOn } from "./bus.js";
import { defineMeasure } from "./measure.js";

type Say = (text: string) => void;

interface Settings {
  readonly seconds: number;
  readonly "warm-up": number;
  readonly "in-flight": number;
  readonly shares: string;
  readonly bus: string;
}

const rampMs = 1_000;
const drainMsMax = 20_000;
const warmUpPerSecond = 1_000;

/** Of all processes. */
export interface Counted {
  readonly before: readonly Sample[];
  readonly after: readonly Sample[];
}

const meanMs = (counted: Counted, histogram: string, labels: Readonly<Record<string, string>> = {}): number =>
  grownMean(counted.before, counted.after, histogram, labels) * 1_000;

/** What the histograms say of a phase of so many milliseconds. */
export function timesOf(
  counted: Counted,
  elapsedMs: number,
): Pick<LoadPoint, "requestMs" | "groupCommitMs" | "unitsPerCommit" | "transactions" | "exchangesMs"> {
  const { before, after } = counted;
  const transaction = (name: string): TransactionMs => ({
    queueWait: meanMs(counted, "valence_queue_wait_seconds", { transaction: name }),
    atoms: meanMs(counted, "valence_atoms_seconds", { transaction: name }),
    commit: meanMs(counted, "valence_transaction_commit_seconds", { transaction: name }),
    perSecond:
      (grownSum(before, after, "valence_atoms_seconds_count", { transaction: name }) * 1_000) / elapsedMs,
  });
  const transactions = labelsOf(after, "valence_atoms_seconds_count", "transaction")
    .map((name) => [name, transaction(name)] as const)
    .filter(([, { perSecond }]) => perSecond > 0);
  const exchanges = labelsOf(after, "valence_channel_seconds_count", "atom")
    .map((atom) => [atom, meanMs(counted, "valence_channel_seconds", { atom })] as const)
    .filter(([, ms]) => Number.isFinite(ms));
  return {
    requestMs: meanMs(counted, "valence_request_seconds", { route: orderPath }),
    groupCommitMs: meanMs(counted, "valence_commit_seconds"),
    unitsPerCommit:
      grownSum(before, after, "valence_units_total") / grownSum(before, after, "valence_commits_total"),
    transactions: Object.fromEntries(transactions),
    exchangesMs: Object.fromEntries(exchanges),
  };
}

/** @throws UsageError */
const sharesOf = (text: string): readonly number[] =>
  text.split(",").map((each) => {
    const percent = Number(each);
    if (!(percent > 0 && percent <= 100)) throw new UsageError(`--shares: ${each} is not 1 to 100 per cent`);
    return percent;
  });

async function measure(settings: Settings, say: Say): Promise<LoadsFigures> {
  const [percents, start] = [sharesOf(settings.shares), startOn(settings.bus)];
  return withDatabase("loads", (databaseUrl) =>
    withRunning(databaseUrl, start, [], async (running, load) => {
      const watch = watching(databaseUrl, running, load);
      const all = async (): Promise<readonly Sample[]> =>
        Object.values(await scrape(running.processes)).flat();
      const run = (pace: Pace, expectedPerSecond: number, seconds: number): Promise<LoadReport> =>
        load.run({
          baseUrl: running.baseUrl,
          ...{ pace, expectedPerSecond, rampMs, windowMs: seconds * 1_000, drainMsMax },
        });
      const failures: string[] = [];
      const point = async (name: string, pace: Pace, expected: number): Promise<LoadPoint> => {
        const [before, processorBefore] = [await all(), watch()];
        const report = await run(pace, expected, settings.seconds);
        const processorMs = processorCosts(processorBefore, watch(), report.account.notified);
        failures.push(...failuresOf(report).map((failure) => `${name}: ${failure}`));
        const { paymentsPerSecond, p50Ms, p99Ms, elapsedMs } = report;
        say(`  ${name}: ${figure(paymentsPerSecond)} payments/s, p99 ${figure(p99Ms, 1)} ms`);
        const times = timesOf({ before, after: await all() }, elapsedMs);
        return { name, ...{ paymentsPerSecond, p50Ms, p99Ms, processorMs }, ...times };
      };

      say("warming up");
      const inFlight = settings["in-flight"];
      const closed = { kind: "closed", inFlight } as const;
      const { paymentsPerSecond: warm } = await run(closed, warmUpPerSecond, settings["warm-up"]);
      const full = await point(`closed, ${inFlight} in flight`, closed, warm * 1.5);
      const points: LoadPoint[] = [];
      for (const percent of percents) {
        const perSecond = (full.paymentsPerSecond * percent) / 100;
        points.push(await point(`${percent} %`, { kind: "open", perSecond }, perSecond));
      }
      return { bus: settings.bus, halfLoad: "50 %", points: [...points, full], failures };
    }),
  );
}

export const loadsMeasure = defineMeasure({
  section: loads,
  flags: {
    seconds: { preset: 20, help: "of each load" },
    "warm-up": { preset: 20, help: "seconds of closed loop before them" },
    "in-flight": { preset: 64, help: "orders in flight in the closed loop" },
    shares: { preset: "10,50,80", help: "per cent of the closed-loop rate" },
    ...busFlag,
  },
  measure,
});
