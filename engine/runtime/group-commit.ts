/**
 * Group commit. While one batch is being committed, the units of all other concurrent runs pile up; the next batch
 * takes them all: one statement, one fsync. There is no timer and no minimum: at low load a batch is one unit and
 * goes at once, at high load batches grow by themselves.
 *
 * A unit is `waiting` -> `writing` -> settled. What can happen to a batch:
 * - committed: every unit is settled `committed`;
 * - refused: gates refused some units; the statement was rolled back whole, those units are settled with their
 *   reason and the others are written again at once, without them;
 * - transient (deadlock, serialization): the same batch again after a short, growing pause;
 * - data error: the batch is cut in two until the guilty unit stands alone; it alone is rejected;
 * - lost (the connection died during COMMIT): an unknown like any other. The journal is asked which owners are in;
 *   those are committed, the others are written again; a unit without a journal row cannot be told and is rejected
 *   with `commit_unknown`. A server that lost us may still finish what it was sent, so a unit that a gate refuses
 *   after that is looked up again: it may have lost to itself.
 *
 * Two units that touch the same guarded row never share a statement: SQL would silently apply one of them.
 */
import { ValenceError } from "../errors.js";
import { invariant, limits } from "../limits.js";
import type { Clock } from "../ports/clock.js";
import { sleep } from "../ports/clock.js";
import { BatchError, type BatchWriter, type CommitResult, type Refusal, type Unit } from "../ports/store.js";
import type { Telemetry } from "../ports/telemetry.js";
import { rowKey } from "./row-key.js";

interface Pending {
  readonly unit: Unit;
  readonly keys: readonly string[];
  readonly settle: (result: CommitResult) => void;
  readonly reject: (error: Error) => void;
}

export interface GroupCommitOptions {
  readonly writer: BatchWriter;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  /** Primary key columns of a table. */
  readonly keyColumns: (table: string) => readonly string[];
  /** Units per statement. */
  readonly batchUnitsMax?: number;
  /** How long a batch is tried again while the database cannot be reached. Milliseconds. */
  readonly retryForMsMax?: number;
}

const retryPauseMs = (attempt: number): number => Math.min(500, 10 * 2 ** attempt);

/** Rows, messages and journal keys that make two units exclude each other. */
function exclusiveKeys(unit: Unit, keyColumns: (table: string) => readonly string[]): readonly string[] {
  const keys = unit.writes.map((write) => rowKey(write, keyColumns(write.table)));
  if (unit.message) keys.push(`message ${unit.message.held.messageId}`);
  for (const { runId, hop, point } of unit.journal ?? []) keys.push(`journal ${runId} ${hop} ${point}`);
  return keys;
}

export class GroupCommit {
  readonly #options: Required<GroupCommitOptions>;
  #waiting: Pending[] = [];
  #writing = false;

  constructor(options: GroupCommitOptions) {
    this.#options = { batchUnitsMax: limits.batchUnitsMax, retryForMsMax: limits.leaseMs, ...options };
  }

  /** Resolves when the unit is durable or refused. See `Store.commit` for the errors. */
  commit(unit: Unit): Promise<CommitResult> {
    return new Promise((settle, reject) => {
      this.#waiting.push({ unit, keys: exclusiveKeys(unit, this.#options.keyColumns), settle, reject });
      if (!this.#writing) void this.#drain();
    });
  }

  async #drain(): Promise<void> {
    this.#writing = true;
    try {
      while (this.#waiting.length > 0) {
        // Units committed in the same turn of the event loop join the first batch.
        await Promise.resolve();
        const batch = this.#takeBatch();
        const started = this.#options.clock.monotonicMs();
        await this.#write(batch);
        this.#measure(batch.length, this.#options.clock.monotonicMs() - started);
      }
    } finally {
      this.#writing = false;
    }
  }

  #takeBatch(): readonly Pending[] {
    const taken = new Set<string>();
    const batch: Pending[] = [];
    const left: Pending[] = [];
    for (const pending of this.#waiting) {
      const free = batch.length < this.#options.batchUnitsMax && !pending.keys.some((key) => taken.has(key));
      if (free) batch.push(pending);
      else left.push(pending);
      // Also for those left behind: a later unit of the same row must not overtake them.
      for (const key of pending.keys) taken.add(key);
    }
    this.#waiting = left;
    return batch;
  }

  async #write(batch: readonly Pending[]): Promise<void> {
    let left = batch;
    let wasLost = false;
    const giveUpAtMs = this.#options.clock.monotonicMs() + this.#options.retryForMsMax;
    for (let attempt = 0; left.length > 0; attempt++) {
      try {
        const outcome = await this.#options.writer.write(left.map(({ unit }) => unit));
        if (outcome.result === "committed") return settleAll(left);
        const refused = left.filter((_, index) =>
          outcome.refusals.some((refusal) => refusal.index === index),
        );
        invariant(refused.length > 0, "a refused batch names the units that were refused");
        const own = wasLost ? await this.#ownersOf(refused) : new Set<string>();
        left = settleRefused(left, outcome.refusals, own);
        continue;
      } catch (error) {
        const failure = asBatchError(error);
        if (failure.kind === "data") return this.#bisect(left, failure);
        if (failure.kind === "lost") {
          wasLost = true;
          left = await this.#lookUp(left, failure);
        }
        if (this.#options.clock.monotonicMs() > giveUpAtMs)
          return rejectAll(left, wasLost ? "commit_unknown" : "database_unreachable", failure);
      }
      await sleep(this.#options.clock, retryPauseMs(attempt));
    }
  }

  async #bisect(batch: readonly Pending[], failure: BatchError): Promise<void> {
    if (batch.length === 1) return rejectAll(batch, "write_rejected", failure);
    const middle = Math.ceil(batch.length / 2);
    await this.#write(batch.slice(0, middle));
    await this.#write(batch.slice(middle));
  }

  #ownersOf(batch: readonly Pending[]): Promise<ReadonlySet<string>> {
    return this.#options.writer.committedOwners(batch.map(({ unit }) => unit));
  }

  /** Settles what the journal proves to be committed; returns what may be written again. */
  async #lookUp(batch: readonly Pending[], failure: BatchError): Promise<readonly Pending[]> {
    const provable = batch.filter(({ unit }) => unit.journal);
    rejectAll(
      batch.filter(({ unit }) => !unit.journal),
      "commit_unknown",
      failure,
    );
    const giveUpAtMs = this.#options.clock.monotonicMs() + this.#options.retryForMsMax;
    for (let attempt = 0; provable.length > 0; attempt++) {
      try {
        const owners = await this.#ownersOf(provable);
        settleAll(provable.filter((pending) => isIn(owners, pending)));
        return provable.filter((pending) => !isIn(owners, pending));
      } catch (error) {
        if (this.#options.clock.monotonicMs() > giveUpAtMs) {
          rejectAll(provable, "commit_unknown", asBatchError(error));
          return [];
        }
      }
      await sleep(this.#options.clock, retryPauseMs(attempt));
    }
    return [];
  }

  #measure(units: number, elapsedMs: number): void {
    const { telemetry } = this.#options;
    telemetry.count("valence_commits_total", {});
    telemetry.count("valence_units_total", {}, units);
    telemetry.gauge("valence_units_per_commit", {}, units);
    telemetry.observe("valence_commit_seconds", {}, elapsedMs / 1000);
  }
}

const settleAll = (batch: readonly Pending[]): void =>
  batch.forEach(({ settle }) => {
    settle({ result: "committed" });
  });

function rejectAll(
  batch: readonly Pending[],
  code: "write_rejected" | "commit_unknown" | "database_unreachable",
  cause: BatchError,
): void {
  for (const { reject } of batch) reject(new ValenceError(code, cause.message, { cause }));
}

const asBatchError = (error: unknown): BatchError =>
  error instanceof BatchError ? error : new BatchError("data", String(error), { cause: error });

const isIn = (owners: ReadonlySet<string>, { unit }: Pending): boolean =>
  unit.journal?.some(({ owner }) => owners.has(owner)) === true;

/**
 * Settles the refused units with the gate that weighs most: no lease, then no fence, then a lost guard. Those of
 * `own` had been committed before. Returns the units that were not refused.
 */
function settleRefused(
  batch: readonly Pending[],
  refusals: readonly Refusal[],
  own: ReadonlySet<string>,
): readonly Pending[] {
  return batch.filter((pending, index) => {
    const mine = refusals.filter((refusal) => refusal.index === index);
    if (mine.length === 0) return true;
    if (isIn(own, pending)) pending.settle({ result: "committed" });
    else if (mine.some(({ gate }) => gate === "lease")) pending.settle({ result: "leaseLost" });
    else if (mine.some(({ gate }) => gate === "fence")) pending.settle({ result: "fenceLost" });
    else pending.settle({ result: "conflict", table: mine[0]?.table ?? "" });
    return false;
  });
}
