/**
 * The places where a process death leaves the world in a different state than a line before. Tests stop the process
 * at each of them and compare with an uninterrupted run; production passes `neverCrash`.
 */
export const crashPoints = [
  /** A message is in hand, nothing is done. */
  "delivered",
  /** The intent is durable, the call has not begun. */
  "intent-committed",
  /** The world has changed, only this process knows. */
  "external-returned",
  /** The unit of work is complete and not yet handed to the store. */
  "before-commit",
  /** The unit is durable; on a broker beside the database, nothing of it was sent and its message is not settled. */
  "committed-unsent",
  /** The unit is durable; replies and wake-ups have not left. */
  "committed",
  /** Due timers were moved to the bus, the scheduler has not gone on. */
  "timers-fired",
] as const;

export type CrashPoint = (typeof crashPoints)[number];

export interface CrashContext {
  readonly runId?: string;
  readonly flow?: string;
  readonly stage?: string;
  readonly step?: number;
  /** `flow/stage` of what is over and not durable yet: what happened there dies here, too. */
  readonly open?: readonly string[];
}

/** Called at each point; a test's implementation does not return. */
export type Crash = (point: CrashPoint, context: CrashContext) => void;

export const neverCrash: Crash = () => undefined;
