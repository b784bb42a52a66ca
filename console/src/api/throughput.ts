/** Throughput: what was recorded (`history`) and the system as it is now (event `tick` of the live stream). */
import { get } from "./client";

/** Where the time of a transaction goes; `request` is an order as its merchant waits for it. */
export const parts = ["queueWait", "atoms", "commit", "channel", "request"] as const;
export type Part = (typeof parts)[number];

export interface Latency {
  readonly count: number;
  readonly meanMs: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
}

/** One value per window; null: nobody looked, or nothing happened. */
export interface Course {
  readonly perS: readonly number[];
  /** Per second. */
  readonly outcomes: Readonly<Record<string, readonly number[]>>;
  /** Per transaction; the parts stand on top of each other. */
  readonly meanMs: Readonly<Partial<Record<Part, readonly (number | null)[]>>>;
  readonly depth: readonly (number | null)[];
  readonly inFlight: readonly (number | null)[];
}

export interface View {
  readonly name: string;
  readonly count: number;
  readonly perS: number;
  readonly outcomes: Readonly<Record<string, number>>;
  readonly latency: Readonly<Partial<Record<Part, Latency>>>;
  readonly parked: number;
  readonly deadLetters: number;
  readonly course: Course;
}

export const groups = ["modules", "queues", "types", "channels"] as const;
export type Group = (typeof groups)[number];

export interface Throughput extends Readonly<Record<Group, readonly View[]>> {
  readonly fromMs: number;
  readonly toMs: number;
  /** Length of a window. Seconds. */
  readonly windowS: number;
  readonly system: View;
}

export type ModuleState = "live" | "idle" | "stuck" | "lost";

export interface ModuleInstance {
  readonly instance: string;
  readonly module: string;
  readonly host: string;
  readonly pid: number;
  readonly version: string;
  readonly startedAtMs: number;
  readonly beatAgoMs: number;
  readonly state: ModuleState;
  /** In English, as the registry says it; empty for a module that is well. */
  readonly why: string;
  readonly paused: readonly string[];
  readonly progress: {
    readonly consumedPerS: number;
    readonly inFlight: number;
    readonly oldestInFlightMs: number;
    readonly loopDelayMs: number;
  };
}

export interface QueueDepth {
  readonly queue: string;
  readonly ready: number;
  readonly delayed: number;
  readonly leased: number;
  readonly dead: number;
  readonly oldestReadyMs: number;
}

export interface LiveChannel {
  readonly channel: string;
  readonly title: string;
  readonly switch: "open" | "draining" | "closed" | "redirect";
  readonly redirectTo?: string;
  readonly presence: "live" | "missing" | "gone";
  readonly breaker: "closed" | "open" | "half-open";
  readonly inFlight: number;
}

export interface Bottleneck {
  readonly kind: "queue" | "module" | "channel" | "database" | "none";
  readonly name: string;
  /** 0 to 1. */
  readonly share: number;
  readonly cause: string;
  readonly figures: Readonly<Record<string, number>>;
  readonly because: string;
}

/** Once a second. */
export interface Tick {
  readonly atMs: number;
  readonly modules: readonly ModuleInstance[];
  readonly queues: readonly QueueDepth[];
  readonly channels: readonly LiveChannel[];
  readonly parkedRuns: number;
  readonly bottleneck: Bottleneck;
  /** When there is a newer one than the tick before had. */
  readonly lastMinute?: Throughput;
}

export const readHistory = (minutes: number, signal: AbortSignal): Promise<Throughput> =>
  get<Throughput>("/metrics/history", { query: { minutes }, signal });
