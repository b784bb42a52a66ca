/** Set-based work the scheduler wakes up for. Cron only wakes; what is due is read from the database. */
import type { OutgoingMessage } from "./bus.js";
import type { Row } from "./store.js";

export interface DueTimer {
  readonly runId: string;
  readonly hop: number;
  readonly signal: string;
}

/** An open run nobody has heard of for a while, with what is needed to rebuild its message. */
export interface SilentRun {
  readonly runId: string;
  /** The message body when the row was last written. */
  readonly body: Row;
  /** `end` entries of the journal since then, oldest first: their `data`. */
  readonly ended: readonly Row[];
}

export interface Housekeeping {
  /** Moves due timers to the bus in one commit: delete and publish, or neither. Returns how many. */
  fireTimers(toMessage: (timer: DueTimer) => OutgoingMessage, limit: number): Promise<number>;
  /** Open runs whose row and journal have not moved for `silentForMs` and that no message carries. */
  silentRuns(silentForMs: number, limit: number): Promise<readonly SilentRun[]>;
  /** Makes sure the journal has partitions for yesterday to `daysAhead`; returns the days that were missing. */
  ensurePartitions(daysAhead: number): Promise<readonly string[]>;
  /** Removes nonces whose window has passed. Returns how many. */
  purgeNonces(limit: number): Promise<number>;
  /** Takes the leases of instances that no longer beat, so that their messages come again at once. */
  releaseDeadLeases(silentForMs: number): Promise<number>;
}
