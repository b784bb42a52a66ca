/** The store port over the rows in memory, with the engine's own group commit in between. */
import type { DueTimer, Housekeeping, SilentRun } from "../../engine/ports/housekeeping.js";
import type { OutgoingMessage, RelayDesk } from "../../engine/ports/bus.js";
import type { Clock } from "../../engine/ports/clock.js";
import type {
  BatchWriter,
  CommitResult,
  Row,
  Store,
  StoredJournalEntry,
  StoredSignal,
  TableSpec,
  Unit,
} from "../../engine/ports/store.js";
import { silent } from "../../engine/ports/telemetry.js";
import { GroupCommit } from "../../engine/runtime/group-commit.js";
import type { MemoryDatabase, MemoryWriter } from "./database.js";
import { RelayWriter } from "./relay-writer.js";

export interface MemoryStoreOptions {
  readonly database: MemoryDatabase;
  readonly clock: Clock;
  /** Of the process. */
  readonly instance: string;
  /** The process's bus, when its broker stands beside the database. */
  readonly desk?: RelayDesk;
  /** What lies between the group commit and the database: latency, faults. */
  readonly writer?: (database: MemoryWriter) => MemoryWriter;
  /** Instead of the engine's group commit. */
  readonly lane?: (writer: BatchWriter) => Pick<GroupCommit, "commit">;
}

export class MemoryStore implements Store, Housekeeping {
  readonly #lane: Pick<GroupCommit, "commit">;
  readonly #database: MemoryDatabase;

  constructor(private readonly options: MemoryStoreOptions) {
    const { database, clock, instance, desk, writer, lane } = options;
    this.#database = database;
    const reached = writer?.(database) ?? database;
    const inner = desk ? new RelayWriter(reached, desk, instance) : reached;
    const keyColumns = (table: string): readonly string[] => database.shape(table).key;
    this.#lane = lane?.(inner) ?? new GroupCommit({ writer: inner, clock, telemetry: silent, keyColumns });
  }

  commit(unit: Unit): Promise<CommitResult> {
    return this.#lane.commit(unit);
  }

  shape(table: string): Pick<TableSpec, "key" | "status"> {
    return this.#database.shape(table);
  }

  async find(table: string, key: Row): Promise<Row | undefined> {
    this.#database.reachable();
    return this.#database.find(table, key);
  }

  async journal(runDay: string, runId: string, hop: number): Promise<readonly StoredJournalEntry[]> {
    this.#database.reachable();
    const nowMs = this.#database.clock.nowMs();
    return this.#database
      .journalOf(runId)
      .filter((entry) => entry.runDay === runDay && entry.hop === hop)
      .sort((a, b) => a.point - b.point)
      .map((entry) => ({
        ...entry,
        ...(entry.sendWindowMs === undefined
          ? {}
          : { sendDeadlineInMs: entry.atMs + entry.sendWindowMs - nowMs }),
      }));
  }

  async pendingSignals(runId: string): Promise<readonly StoredSignal[]> {
    this.#database.reachable();
    return [...(this.#database.indexes.signals.get(runId) ?? [])]
      .map((signalId) => this.#database.find("signals", { signalId })!)
      .filter((row) => row["state"] === "pending")
      .sort((a, b) => Number(a["givenAt"]) - Number(b["givenAt"]))
      .map((row) => row as unknown as StoredSignal);
  }

  async fireTimers(toMessage: (timer: DueTimer) => OutgoingMessage, limit: number): Promise<number> {
    const { desk, instance } = this.options;
    const database = this.#database;
    database.reachable();
    const nowMs = database.clock.nowMs();
    let fired = 0;
    const outgoing = [];
    for (; fired < limit; fired++) {
      const timer = database.indexes.nextTimer;
      if (!timer || Number(timer["dueAt"]) > nowMs) break;
      const message = toMessage(timer as unknown as DueTimer);
      if (desk) {
        const prepared = desk.prepare(message);
        database.outbox.add(prepared, instance);
        outgoing.push(prepared);
      } else database.publish(message);
      database.delete("timers", timer);
    }
    desk?.committed(outgoing, []);
    return fired;
  }

  async silentRuns(silentForMs: number, limit: number): Promise<readonly SilentRun[]> {
    this.#database.reachable();
    const sinceMs = this.#database.clock.nowMs() - silentForMs;
    const silentRuns: SilentRun[] = [];
    for (const runId of this.#database.indexes.openRuns) {
      const row = this.#database.find("runs", { runId })!;
      if (Number(row["updatedAt"]) >= sinceMs) continue;
      const ended = this.#database
        .journalOf(runId)
        .filter(({ kind, hop }) => kind === "end" && hop >= Number(row["hop"]))
        .sort((a, b) => a.hop - b.hop);
      if (ended.some(({ atMs }) => atMs >= sinceMs)) continue;
      silentRuns.push({ runId, body: row["body"] as Row, ended: ended.map(({ data }) => data) });
      if (silentRuns.length >= limit) break;
    }
    return silentRuns;
  }

  async ensurePartitions(daysAhead: number): Promise<readonly string[]> {
    const days = (this.#database.days ??= new Set());
    const missing: string[] = [];
    for (let day = -1; day <= daysAhead; day++) {
      const name = new Date(this.#database.clock.nowMs() + day * 86_400_000).toISOString().slice(0, 10);
      if (!days.has(name)) missing.push(name);
      days.add(name);
    }
    return missing;
  }

  async purgeNonces(limit: number): Promise<number> {
    if (!this.#database.has("nonces")) return 0;
    const nowMs = this.#database.clock.nowMs();
    const old = this.#database.rows("nonces").filter((row) => Number(row["expiresAt"]) < nowMs);
    for (const row of old.slice(0, limit)) this.#database.delete("nonces", row);
    return Math.min(limit, old.length);
  }

  async releaseDeadLeases(silentForMs: number): Promise<number> {
    this.#database.reachable();
    const { messages, beats, clock } = this.#database;
    const sinceMs = clock.nowMs() - silentForMs;
    let released = 0;
    for (const message of messages.values()) {
      if (message.owner === undefined || (beats.get(message.owner) ?? -Infinity) > sinceMs) continue;
      message.token = undefined;
      message.owner = undefined;
      message.visibleAtMs = clock.nowMs();
      released++;
    }
    return released;
  }
}
