/** The outbox on PostgreSQL: rows of `bus.outbox`, inserted by commits, deleted when the broker has confirmed. */
import { limits } from "../../../engine/limits.js";
import type { Publication } from "../../../engine/ports/broker.js";
import { runMessageId } from "../../../engine/runtime/message.js";
import type { Browsed, Outgoing } from "../../../engine/ports/bus.js";
import type { Outbox, TakenPublication } from "../../../engine/ports/outbox.js";
import type { Row } from "../../../engine/ports/store.js";
import type { Sql } from "./database.js";
import { insertOutbox, outboxColumns, outboxRow } from "./messages.js";
import { encoded } from "./record-set.js";
import { joined } from "./statement.js";

/** Its own publications are looked for among those this old only: younger ones are still on their way to memory. */
const orphanAgeMs = 5_000;

interface DueRow {
  readonly publicationId: string;
  readonly messageId: string;
  readonly queue: string;
  readonly priority: number;
  readonly type: string;
  readonly body: Row;
  readonly correlationId: string | null;
  readonly replyTo: string | null;
  readonly deliveryCount: number;
  readonly dueAtMs: number;
  readonly expiresAtMs: number | null;
  readonly own: boolean;
}

const columns = `publication_id as "publicationId", message_id as "messageId", queue, priority, type, body,
  correlation_id as "correlationId", reply_to as "replyTo", delivery_count as "deliveryCount",
  (extract(epoch from due_at) * 1000)::bigint as "dueAtMs", (extract(epoch from expires_at) * 1000)::bigint as "expiresAtMs"`;

export class PostgresOutbox implements Outbox {
  /** Queues this process has made known. */
  readonly #used = new Set<string>();

  constructor(
    private readonly sql: Sql,
    private readonly instance: string,
  ) {}

  async add(outgoing: readonly Outgoing[]): Promise<void> {
    if (outgoing.length === 0) return;
    const rows = outgoing.map((each) => outboxRow(each, this.instance));
    await this.sql.query(insertOutbox(1), encoded(outboxColumns, rows), "outbox-add");
  }

  async confirmed(publicationIds: readonly string[]): Promise<void> {
    if (publicationIds.length === 0) return;
    await this.sql.query(
      `delete from bus.outbox o using unnest($1::uuid[]) as given(id) where ${joined("o.publication_id", "given.id")}`,
      [publicationIds],
      "outbox-confirmed",
    );
  }

  async takeDue(
    limit: number,
    knownOwn?: (publicationId: string) => boolean,
  ): Promise<readonly TakenPublication[]> {
    const rows = await this.sql.query<DueRow & Record<string, unknown>>(
      `with due as (
         select publication_id, owner from bus.outbox o
         where due_at <= now() and (owner is null
           or ($5 and owner = $2 and due_at < now() - $3 * interval '1 millisecond')
           or owner <> $2 and not exists (select 1 from core.modules
             where instance = o.owner and beat_at > now() - $4 * interval '1 millisecond'))
         order by due_at limit $1 for update skip locked)
       update bus.outbox o set owner = $2 from due where ${joined("o.publication_id", "due.publication_id")}
       returning ${columns.replaceAll("publication_id as", "o.publication_id as")}, coalesce(due.owner = $2, false) as own`,
      [limit, this.instance, orphanAgeMs, limits.moduleLostMs, knownOwn !== undefined],
      "outbox-due",
    );
    return rows
      .filter(({ own, publicationId }) => !own || knownOwn?.(publicationId) !== true)
      .sort((a, b) => a.dueAtMs - b.dueAtMs || (a.publicationId < b.publicationId ? -1 : 1))
      .map((row) => ({ publication: publicationOf(row), priority: row.priority === 1 ? "high" : "normal" }));
  }

  depths(): Promise<
    readonly { readonly queue: string; readonly unsent: number; readonly delayed: number }[]
  > {
    return this.sql.query(
      `select queue, count(*) filter (where due_at <= now())::int as unsent,
         count(*) filter (where due_at > now())::int as delayed
       from bus.outbox group by queue`,
    );
  }

  async browse(queue: string, limit: number): Promise<readonly Browsed[]> {
    const kept = await this.sql.query<Browsed & Record<string, unknown>>(
      `select message_id as "messageId", queue, type, body, delivery_count as deliveries,
         case when due_at > now() then 'delayed' else 'unsent' end as state,
         (extract(epoch from due_at) * 1000)::bigint as "atMs"
       from bus.outbox where queue = $1 order by due_at limit $2`,
      [queue, limit],
    );
    // An open run is carried by a message; its last ended hop names the queue it was sent to.
    const sent = await this.sql.query<{ body: Row; atMs: number }>(
      `select j.data -> 'message' -> 'body' as body, (extract(epoch from j.at) * 1000)::bigint as "atMs"
       from core.runs r cross join lateral (
         select data, kind, at from core.journal
         where run_id = r.run_id and run_day = (to_timestamp(
           ('x' || substr(replace(r.run_id::text, '-', ''), 1, 12))::bit(48)::bigint / 1000) at time zone 'utc')::date
         order by hop desc, point desc limit 1) j
       where r.state = 'open' and j.kind = 'end' and j.data -> 'message' ->> 'queue' = $1
       order by j.at limit $2`,
      [queue, limit],
    );
    const known = new Set(kept.map(({ messageId }) => messageId));
    const journaled = sent.map(({ body, atMs }): Browsed => {
      const messageId = runMessageId(String(body["runId"]), Number(body["hop"]));
      return { messageId, queue, type: "run", state: "journal", deliveries: 0, atMs, body };
    });
    return [...kept, ...journaled.filter(({ messageId }) => !known.has(messageId))].slice(0, limit);
  }

  async suspicion(messageId: string): Promise<number> {
    const [row] = await this.sql.query<{ beginnings: number }>(
      "select beginnings from bus.suspects where message_id = $1",
      [messageId],
    );
    return row?.beginnings ?? 0;
  }

  async suspect(messageId: string): Promise<void> {
    await this.sql.query(
      `insert into bus.suspects as s (message_id, beginnings) values ($1, 1)
       on conflict (message_id) do update set beginnings = s.beginnings + 1, at = now()`,
      [messageId],
    );
  }

  async cleared(messageIds: readonly string[]): Promise<void> {
    if (messageIds.length === 0) return;
    await this.sql.query("delete from bus.suspects where message_id = any($1::uuid[])", [messageIds]);
  }

  async use(queues: readonly string[]): Promise<void> {
    const news = queues.filter((queue) => !this.#used.has(queue));
    if (news.length === 0) return;
    await this.sql.query("insert into bus.queues (queue) select unnest($1::text[]) on conflict do nothing", [
      news,
    ]);
    for (const queue of news) this.#used.add(queue);
  }

  async queues(): Promise<readonly string[]> {
    const rows = await this.sql.query<{ queue: string }>("select queue from bus.queues order by queue");
    return rows.map(({ queue }) => queue);
  }
}

const publicationOf = (row: DueRow): Publication => ({
  publicationId: row.publicationId,
  messageId: row.messageId,
  queue: row.queue,
  type: row.type,
  body: row.body,
  ...(row.correlationId === null ? {} : { correlationId: row.correlationId }),
  ...(row.replyTo === null ? {} : { replyTo: row.replyTo }),
  deliveryCount: row.deliveryCount,
  readyAtMs: row.dueAtMs,
  ...(row.expiresAtMs === null ? {} : { expiresAtMs: row.expiresAtMs }),
});
