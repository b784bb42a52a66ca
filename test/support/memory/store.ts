/** The store port over the rows in memory, with the engine's own group commit in between. */
import type { DueTimer, Housekeeping, SilentRun } from "../../../engine/ports/housekeeping.js";
import type { OutgoingMessage } from "../../../engine/ports/bus.js";
import type { Clock } from "../../../engine/ports/clock.js";
import type {
  CommitResult,
  Row,
  Store,
  StoredJournalEntry,
  StoredSignal,
  Unit,
} from "../../../engine/ports/store.js";
import { silent } from "../../../engine/ports/telemetry.js";
import { GroupCommit } from "../../../engine/runtime/group-commit.js";
import { asJson, type MemoryDatabase } from "./database.js";

export class MemoryStore implements Store, Housekeeping {
  readonly #lane: GroupCommit;

  constructor(
    private readonly database: MemoryDatabase,
    private readonly clock: Clock,
  ) {
    const keyColumns = (table: string): readonly string[] => database.keyColumns(table);
    this.#lane = new GroupCommit({ writer: database, clock, telemetry: silent, keyColumns });
  }

  commit(unit: Unit): Promise<CommitResult> {
    return this.#lane.commit(unit);
  }

  async find(table: string, key: Row): Promise<Row | undefined> {
    this.database.reachable();
    return this.database.find(table, key);
  }

  async journal(runDay: string, runId: string, hop: number): Promise<readonly StoredJournalEntry[]> {
    this.database.reachable();
    return this.#entries(runId)
      .filter((entry) => entry.runDay === runDay && entry.hop === hop)
      .map((entry) => ({
        ...asJson(entry),
        ...(entry.sendWindowMs === undefined
          ? {}
          : { sendDeadlineInMs: entry.atMs + entry.sendWindowMs - this.clock.nowMs() }),
      }));
  }

  async pendingSignals(runId: string): Promise<readonly StoredSignal[]> {
    this.database.reachable();
    return this.database
      .rows("signals")
      .filter((row) => row["runId"] === runId && row["state"] === "pending")
      .map((row) => row as unknown as StoredSignal);
  }

  async fireTimers(toMessage: (timer: DueTimer) => OutgoingMessage, limit: number): Promise<number> {
    this.database.reachable();
    const due = this.database
      .rows("timers")
      .filter((row) => Number(row["dueAt"]) <= this.clock.nowMs())
      .slice(0, limit);
    for (const timer of due) {
      this.database.delete("timers", timer);
      this.database.publish(toMessage(timer as unknown as DueTimer));
    }
    return due.length;
  }

  async silentRuns(silentForMs: number, limit: number): Promise<readonly SilentRun[]> {
    const sinceMs = this.clock.nowMs() - silentForMs;
    return this.database
      .rows("runs")
      .filter(({ state, updatedAt }) => state === "open" && Number(updatedAt) < sinceMs)
      .map((row) => ({
        row,
        ended: this.#entries(String(row["runId"])).filter(
          ({ kind, hop }) => kind === "end" && hop >= Number(row["hop"]),
        ),
      }))
      .filter(({ ended }) => ended.every(({ atMs }) => atMs < sinceMs))
      .slice(0, limit)
      .map(({ row, ended }) => ({
        runId: String(row["runId"]),
        body: row["body"] as Row,
        ended: ended.map(({ data }) => asJson(data)),
      }));
  }

  /** The journal in memory has no partitions and there are no nonces. */
  ensurePartitions = (): Promise<readonly string[]> => Promise.resolve([]);
  purgeNonces = (): Promise<number> => Promise.resolve(0);
  releaseDeadLeases = (): Promise<number> => Promise.resolve(0);

  #entries(runId: string): readonly StoredJournalEntry[] {
    return [...this.database.journal.values()]
      .filter((entry) => entry.runId === runId)
      .sort((a, b) => a.hop - b.hop || a.point - b.point);
  }
}
