/** What a run found: the shape of `bench/results/latest.json`. */
import type { ContestantName } from "../contestants/contestant.js";
import type { Measurement } from "../measurement.js";
import { median } from "./percentile.js";

export interface Machine {
  readonly cpus: number;
  readonly model: string;
  readonly memoryBytes: number;
  readonly system: string;
  /** Of the last minute, when the run began: what else was going on. */
  readonly loadAverage: number;
}

export interface Figures {
  /** Medians over the rounds. */
  readonly paymentsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Order to notification at half of the load; the floor has none. */
  readonly halfLoadP99Ms?: number;
  /** Of the round in the middle. */
  readonly costs: Pick<Measurement, "processorMs" | "database" | "connections" | "engine">;
  /** Of all rounds. Empty, or the figures are worth nothing. */
  readonly failures: readonly string[];
}

/** One pass over the contestants; without an entry, that one could not be measured. */
export type Round = Readonly<Partial<Record<ContestantName, Measurement>>>;

export interface Results {
  /** ISO 8601. */
  readonly takenAt: string;
  readonly quick: boolean;
  readonly machine: Machine;
  readonly versions: Readonly<Record<string, string>>;
  readonly settings: Readonly<Record<string, string | number>>;
  readonly contestants: Readonly<Partial<Record<ContestantName, Figures>>>;
  readonly ratios: readonly Ratio[];
  readonly rounds: readonly Round[];
}

/** A target of the design and what was found. */
export interface Ratio {
  readonly contestant: ContestantName;
  /** What is compared, in words: `payments/s / floor`. */
  readonly of: string;
  readonly target: number;
  /** The median of the ratios of each round: both sides of one are taken minutes apart. */
  readonly found: number;
  readonly met: boolean;
}

export function figuresOf(measurements: readonly Measurement[]): Figures | undefined {
  const [first, ...rest] = [...measurements].sort((a, b) => a.paymentsPerSecond - b.paymentsPerSecond);
  if (!first) return undefined;
  const middle = [first, ...rest][measurements.length >> 1] ?? first;
  const of = (value: (each: Measurement) => number): number => median(measurements.map(value));
  const halfLoads = measurements.flatMap(({ halfLoad }) => (halfLoad ? [halfLoad.p99Ms] : []));
  const { processorMs, database, connections, engine } = middle;
  return {
    paymentsPerSecond: of((each) => each.paymentsPerSecond),
    p50Ms: of((each) => each.p50Ms),
    p99Ms: of((each) => each.p99Ms),
    ...(halfLoads.length > 0 ? { halfLoadP99Ms: median(halfLoads) } : {}),
    costs: { processorMs, database, connections, ...(engine ? { engine } : {}) },
    failures: measurements.flatMap(({ failures }) => failures),
  };
}

/** At least so many times as many payments per second. Source: the design's targets; see bench/README.md. */
const rates: readonly (readonly [ContestantName, ContestantName, number])[] = [
  ["valence-postgres", "floor", 1.25],
  ["valence-postgres", "bullmq", 3],
  ["valence-postgres", "dbos", 25],
  ["valence-nats", "floor", 1.25],
  ["valence-nats", "bullmq", 3],
  ["valence-nats", "dbos", 25],
  ["valence-amqp", "floor", 1],
  ["valence-amqp", "bullmq", 2.5],
];

/** Accept to notified at half of the load, 99 of 100. */
export const halfLoadP99MsMax = 150;

/** Every target both sides of which were measured in at least one round. */
export function ratiosOf(rounds: readonly Round[]): readonly Ratio[] {
  const found = rates.map(([contestant, other, target]): Ratio => {
    const ratio = median(
      rounds.flatMap(({ [contestant]: one, [other]: another }) =>
        one && another ? [one.paymentsPerSecond / another.paymentsPerSecond] : [],
      ),
    );
    return { contestant, of: `payments/s / ${other}`, target, found: ratio, met: ratio >= target };
  });
  return found.filter((ratio) => Number.isFinite(ratio.found));
}
