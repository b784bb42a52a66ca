/**
 * The store port. A unit of work is everything one transaction of one run has produced since its last barrier. It
 * is committed whole, or nothing of it is left behind. The store merges the units of many runs into one statement.
 */
import type { Held, OutgoingMessage } from "./bus.js";

export type Row = Readonly<Record<string, unknown>>;

/** The SQL-free description of a table, so that writes can be checked and merged. Column names are camelCase. */
export interface TableSpec {
  readonly name: string;
  /** Logical database: `core`, `config`, later `ledger` ... */
  readonly schema: string;
  readonly columns: Readonly<Record<string, ColumnType>>;
  /** Columns of the primary key. */
  readonly key: readonly string[];
  /** The column `transition` guards. */
  readonly status?: string;
}
export type ColumnType = "uuid" | "text" | "int" | "bigint" | "boolean" | "timestamp" | "date" | "json";

/**
 * `insert` with `exists: "conflict"` is a guard: the unit is refused whole when the key is taken. With `"keep"` the
 * existing row stays and the unit goes on. `transition` is always a guard: the row must be in one of `from` and
 * match `match`. Timestamps are epoch milliseconds.
 */
export type Write =
  | {
      readonly kind: "insert";
      readonly table: string;
      readonly row: Row;
      readonly exists: "conflict" | "keep";
    }
  | {
      readonly kind: "transition";
      readonly table: string;
      readonly key: Row;
      readonly from: readonly string[];
      readonly to: string;
      readonly match?: Row;
      readonly set?: Row;
    };

/**
 * `intent` and `barrier`: the steps before `step` are durable; `end`: the hop is over. A `mark` adds nothing: it takes
 * the next point of the hop, so that whoever still works on it finds the point taken and does not finish.
 */
export type JournalKind = "intent" | "barrier" | "end" | "mark";

/**
 * One durable point of a run. Its key (runDay, runId, hop, point) is the fence: who inserts it did the work. Points are
 * numbered from 0 within the hop, whatever step they stand before: a second execution of a hop that decides otherwise
 * than the first (reference data changed, a condition turned) still collides with it at its first durable point.
 */
export interface JournalEntry {
  readonly runDay: string;
  readonly runId: string;
  readonly hop: number;
  readonly point: number;
  /** The step to go on with. */
  readonly step: number;
  readonly kind: JournalKind;
  readonly stage: string;
  /** Transaction outcome for `end`, else empty. */
  readonly outcome: string;
  /** Fields written in this hop so far, outcomes and elapsed times of the steps, next target. */
  readonly data: Row;
  /** Unique per attempt to commit: tells "mine" from "another's" after a commit whose outcome is unknown. */
  readonly owner: string;
  /** Intents only: milliseconds from the commit after which the owner sends nothing more. */
  readonly sendWindowMs?: number;
}

export interface StoredJournalEntry extends JournalEntry {
  readonly atMs: number;
  /** Intents only: milliseconds until others may inquire, by database time; not positive when it has passed. */
  readonly sendDeadlineInMs?: number;
}

export interface Unit {
  /** The message this unit works for. `consume` removes it in the same commit; both modes need the lease. */
  readonly message?: { readonly held: Held; readonly consume: boolean };
  /** The durable points it reaches: one, or those of several hops that end in the same commit. */
  readonly journal?: readonly JournalEntry[];
  readonly writes: readonly Write[];
  readonly publish: readonly OutgoingMessage[];
}

/**
 * `committed`: all of it is durable. `leaseLost`: another worker owns the message. `fenceLost`: the journal key
 * exists. `conflict`: a guard lost; `table` says which. In the last three cases nothing of the unit exists.
 */
export type CommitResult =
  | { readonly result: "committed" }
  | { readonly result: "leaseLost" }
  | { readonly result: "fenceLost" }
  | { readonly result: "conflict"; readonly table: string };

/** Reads that are not on the hot path: redelivery, conflicts, stories. */
export interface RowReader {
  find(table: string, key: Row): Promise<Row | undefined>;
}

export interface Store extends RowReader {
  /**
   * @throws ValenceError `write_rejected` when this unit alone was refused by the database (bad data),
   *   `commit_unknown` when the connection died and the journal cannot tell, `database_unreachable`.
   */
  commit(unit: Unit): Promise<CommitResult>;
  /** What identifies and guards the rows of a table. */
  shape(table: string): Pick<TableSpec, "key" | "status">;
  /** Durable points of one hop, in order. */
  journal(runDay: string, runId: string, hop: number): Promise<readonly StoredJournalEntry[]>;
  /** Signals given to a run and not taken yet, oldest first. */
  pendingSignals(runId: string): Promise<readonly StoredSignal[]>;
}

/** Why a gate refused a unit, by its index in the batch. */
export interface Refusal {
  readonly index: number;
  readonly gate: "lease" | "fence" | "guard";
  readonly table?: string;
}

export type BatchResult =
  | { readonly result: "committed" }
  /** The statement was rolled back whole; the units not named here can go on in another one. */
  | { readonly result: "refused"; readonly refusals: readonly Refusal[] };

/** Why a batch failed: `data` is some unit's fault, `transient` nobody's, `lost` may have committed. */
export class BatchError extends Error {
  override readonly name = "BatchError";
  constructor(
    readonly kind: "data" | "transient" | "lost" | "unreachable",
    message: string,
    options?: { readonly cause?: unknown },
  ) {
    super(message, options);
  }
}

/** One database statement for many units; the group commit above it decides what goes in. */
export interface BatchWriter {
  /** @throws BatchError */
  write(units: readonly Unit[]): Promise<BatchResult>;
  /** After a lost connection: which of these units' journal rows are in, by owner. @throws BatchError */
  committedOwners(units: readonly Unit[]): Promise<ReadonlySet<string>>;
}

export interface StoredSignal {
  readonly signalId: string;
  readonly runId: string;
  readonly signal: string;
  readonly fields: Row;
  /** What is announced if the run ends without taking it. */
  readonly otherwise?: { readonly topic: string; readonly fields: Row } | null;
}
