/** The store on PostgreSQL: group commit for what runs write, plain reads for what is not on the hot path. */
import type { CommitDesk, OutgoingMessage } from "../../../engine/ports/bus.js";
import type { Clock } from "../../../engine/ports/clock.js";
import type { DueTimer, Housekeeping, SilentRun } from "../../../engine/ports/housekeeping.js";
import type {
  CommitResult,
  JournalKind,
  Row,
  Store,
  StoredJournalEntry,
  StoredSignal,
  TableSpec,
  Unit,
} from "../../../engine/ports/store.js";
import type { Telemetry } from "../../../engine/ports/telemetry.js";
import { GroupCommit } from "../../../engine/runtime/group-commit.js";
import { signalQueue } from "../../../engine/runtime/message.js";
import { PostgresBatchWriter } from "./batch-writer.js";
import type { Database, Sql } from "./database.js";
import { insertMessages } from "./messages.js";
import { PostgresOutbox } from "./outbox.js";
import { commitSetup } from "./statement.js";
import { qualified, snake, Tables, toWire } from "./tables.js";

export interface PostgresStoreOptions {
  readonly database: Database;
  readonly tables: readonly TableSpec[];
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  /** UUID of this process: the owner of the leases it takes. */
  readonly instance: string;
  /** The bus of the same process: what commits say to it. */
  readonly desk?: CommitDesk;
  readonly batchUnitsMax?: number;
}

export class PostgresStore implements Store, Housekeeping {
  readonly #sql: Sql;
  readonly #tables: Tables;
  readonly #lane: GroupCommit;

  constructor(private readonly options: PostgresStoreOptions) {
    const { database, clock, telemetry, instance, desk, batchUnitsMax } = options;
    this.#sql = database.pool;
    this.#tables = new Tables(options.tables);
    this.#lane = new GroupCommit({
      writer: new PostgresBatchWriter(
        database.dedicated("commit", commitSetup),
        this.#tables,
        desk,
        instance,
      ),
      clock,
      telemetry,
      keyColumns: (table) => this.#tables.get(table).key,
      ...(batchUnitsMax === undefined ? {} : { batchUnitsMax }),
    });
  }

  commit(unit: Unit): Promise<CommitResult> {
    return this.#lane.commit(unit);
  }

  shape(table: string): Pick<TableSpec, "key" | "status"> {
    return this.#tables.get(table);
  }

  async find(table: string, key: Row): Promise<Row | undefined> {
    const spec = this.#tables.get(table);
    const columns = Object.entries(spec.columns).map(
      ([name, type]) => `${toWire(type, snake(name))} as "${name}"`,
    );
    const names = Object.keys(key);
    const where = names.map((name, index) => `${snake(name)} = $${index + 1}`).join(" and ");
    const [row] = await this.#sql.query(
      `select ${columns.join(", ")} from ${qualified(spec)} where ${where}`,
      Object.values(key),
      `find-${table}-${names.join("-")}`,
    );
    return row;
  }

  async journal(runDay: string, runId: string, hop: number): Promise<readonly StoredJournalEntry[]> {
    const rows = await this.#sql.query<
      Omit<StoredJournalEntry, "runId"> & { kind: JournalKind; inMs: number | null }
    >(
      `select run_day as "runDay", hop, point, step, kind, stage, outcome, data, owner,
         (extract(epoch from at) * 1000)::bigint as "atMs",
         (extract(epoch from send_deadline - now()) * 1000)::bigint as "inMs"
       from core.journal where run_day = $1 and run_id = $2 and hop = $3 order by point`,
      [runDay, runId, hop],
      "journal-of-hop",
    );
    return rows.map(({ inMs, ...row }) => ({
      ...row,
      runId,
      ...(inMs === null ? {} : { sendDeadlineInMs: inMs }),
    }));
  }

  async pendingSignals(runId: string): Promise<readonly StoredSignal[]> {
    return this.#sql.query<StoredSignal & Record<string, unknown>>(
      `select signal_id as "signalId", run_id as "runId", signal, fields, otherwise from core.signals
       where run_id = $1 and state = 'pending' order by given_at, signal_id`,
      [runId],
    );
  }

  async fireTimers(toMessage: (timer: DueTimer) => OutgoingMessage, limit: number): Promise<number> {
    const { desk, instance } = this.options;
    const { count, outgoing } = await this.#sql.transaction(async (sql) => {
      const due = await sql.query<DueTimer & Record<string, unknown>>(
        `delete from core.timers t using (select run_id, hop from core.timers where due_at <= now()
           order by due_at limit $1 for update skip locked) due
         where t.run_id = due.run_id and t.hop = due.hop
         returning t.run_id as "runId", t.hop, t.signal`,
        [limit],
      );
      const messages = due.map(toMessage);
      const relayed = desk?.kind === "relay" ? messages.map((message) => desk.prepare(message)) : [];
      if (relayed.length > 0) await new PostgresOutbox(sql, instance).add(relayed);
      else if (messages.length > 0) await insertMessages(sql, messages, instance);
      return { count: due.length, outgoing: relayed };
    });
    if (count > 0 && desk?.kind === "claim") desk.wake(new Set([signalQueue]));
    if (desk?.kind === "relay") desk.committed(outgoing, []);
    return count;
  }

  /**
   * A run's journal partition follows from the first 48 bits of its id. A run whose message still exists is listed
   * too: publishing it again under the same id changes nothing.
   */
  async silentRuns(silentForMs: number, limit: number): Promise<readonly SilentRun[]> {
    return this.#sql.query<SilentRun & Record<string, unknown>>(
      `select r.run_id as "runId", r.body, coalesce(j.ended, '[]') as ended
       from core.runs r
       left join lateral (
         select json_agg(data order by hop) as ended, max(at) as last_at from core.journal
         where run_id = r.run_id and kind = 'end' and hop >= r.hop and run_day = (to_timestamp(
           ('x' || substr(replace(r.run_id::text, '-', ''), 1, 12))::bit(48)::bigint / 1000) at time zone 'utc')::date
       ) j on true
       where r.state = 'open' and r.updated_at < now() - $1 * interval '1 millisecond'
         and coalesce(j.last_at, r.updated_at) < now() - $1 * interval '1 millisecond'
       order by r.updated_at limit $2`,
      [silentForMs, limit],
    );
  }

  async ensurePartitions(daysAhead: number): Promise<readonly string[]> {
    const missing = await this.#sql.query<{ day: string }>(
      `select day::date as day from (select (now() at time zone 'utc')::date as today) clock,
         generate_series(today - 1, today + $1::int, interval '1 day') day
       where to_regclass('core.journal_' || to_char(day, 'YYYYMMDD')) is null`,
      [daysAhead],
    );
    for (const { day } of missing) {
      const partition = `core.journal_${day.replaceAll("-", "")}`;
      try {
        await this.#sql.query(
          `create table if not exists ${partition} partition of core.journal
           for values from ('${day}') to (('${day}'::date + 1))`,
        );
      } catch (error) {
        // `if not exists` looks before it waits for its turn: another process may have made it meanwhile.
        const [made] = await this.#sql.query("select 1 where to_regclass($1) is not null", [partition]);
        if (!made) throw error;
      }
    }
    return missing.map(({ day }) => day);
  }

  async purgeNonces(limit: number): Promise<number> {
    const rows = await this.#sql.query(
      `delete from edge.nonces n using (select merchant_id, nonce from edge.nonces where expires_at < now()
         limit $1 for update skip locked) old
       where n.merchant_id = old.merchant_id and n.nonce = old.nonce returning 1`,
      [limit],
    );
    return rows.length;
  }

  async releaseDeadLeases(silentForMs: number): Promise<number> {
    const rows = await this.#sql.query(
      `update bus.messages m set lease_token = null, lease_owner = null, visible_at = now()
       from (select message_id from bus.messages b where lease_owner is not null and not exists (
           select 1 from core.modules
           where instance = b.lease_owner and beat_at > now() - $1 * interval '1 millisecond')
         -- A row somebody works on right now has an owner that lives after all.
         for update skip locked) dead
       where m.message_id = dead.message_id returning 1`,
      [silentForMs],
    );
    return rows.length;
  }
}
