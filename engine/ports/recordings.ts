/** What is kept of runs that are over: enough to play them again through other definitions. */
import type { Row, StoredJournalEntry } from "./store.js";

/** One durable point, as the journal has it. */
export type RecordedPoint = Pick<
  StoredJournalEntry,
  "hop" | "point" | "step" | "kind" | "stage" | "outcome" | "data" | "atMs"
>;

/** A signal the run took, timers not counted. */
export interface RecordedSignal {
  readonly signalId: string;
  readonly signal: string;
  readonly fields: Row;
  readonly givenAtMs: number;
}

export interface RecordedRun {
  readonly runId: string;
  readonly flow: string;
  readonly type: string;
  /** The plan it was pinned to. */
  readonly planHash: string;
  readonly state: "ended" | "parked";
  /** Name of the end state, or why it is parked. */
  readonly reason: string;
  readonly createdAtMs: number;
  /** By hop and point; the first one has the run's input in `data.input`. */
  readonly journal: readonly RecordedPoint[];
  /** Oldest first. */
  readonly signals: readonly RecordedSignal[];
}

export interface Recordings {
  /**
   * The last runs of a flow that are over and whose input was kept, newest first. Looks only as far back as it can
   * without keeping the database busy, so there may be fewer than `count`.
   */
  last(flow: string, count: number): Promise<readonly RecordedRun[]>;
}
