/** The module registry: who lives, what each serves, and how far it gets. Liveness without progress is not health. */

/** What a live module says it can do. */
export interface LiveModule {
  /** UUID of its process. */
  readonly instance: string;
  readonly module: string;
  readonly host: string;
  readonly pid: number;
  readonly version: string;
  /** Names and patterns (`flow.*`) of the queues it serves. */
  readonly queues: readonly string[];
  /** Atom name to signature. */
  readonly atoms: Readonly<Record<string, string>>;
  readonly startedAtMs: number;
  readonly beatAgoMs: number;
}

/** How far a module has got, as its last beat told. Every age counts to that beat. */
export interface ModuleProgress {
  /** Handlers (requests, rounds of a scheduler) that ended since the module started. */
  readonly consumed: number;
  /** The same per second, over the last ten seconds or so. */
  readonly consumedPerS: number;
  readonly inFlight: number;
  /** Age of the oldest handler that has not ended; 0 when none is under way. */
  readonly oldestInFlightMs: number;
  /** Since a handler last ended, or since the module started. */
  readonly movedAgoMs: number;
  /** Since the event loop of the process last turned, as its heartbeat thread sees it. */
  readonly loopTurnAgoMs: number;
  /** The longest the event loop was late within the last second or so. */
  readonly loopDelayMs: number;
}

/** A row of the registry. Those that stopped in order are gone from it; those that died stay for an hour. */
export interface ModuleRecord extends LiveModule {
  readonly progress: ModuleProgress;
  /** Queues it serves and does not take from now: their switch is closed, their breaker open. */
  readonly paused: readonly string[];
}

export type ModuleState = "live" | "idle" | "stuck" | "lost";

export interface ModuleHealth {
  readonly state: ModuleState;
  /** For people: what is seen, and since when. Empty for `live` and `idle`. */
  readonly why: string;
}

export type ModuleView = ModuleRecord & ModuleHealth;

export interface ModuleRegistry {
  /** Those that beat within `limits.moduleLostMs`. */
  live(): Promise<readonly LiveModule[]>;
}
