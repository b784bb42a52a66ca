/** The statements of the bus. A message's life: visible -> leased (invisible until the lease ends) -> deleted. */
import type { Browsed, Held, QueueDepth } from "../../../engine/ports/bus.js";
import type { Sql } from "../../store/postgres/database.js";
import { joined } from "../../store/postgres/statement.js";

export interface ClaimedRow {
  readonly messageId: string;
  readonly queue: string;
  readonly type: string;
  readonly body: Readonly<Record<string, unknown>>;
  readonly correlationId: string | null;
  readonly replyTo: string | null;
  readonly deliveryCount: number;
  readonly expired: boolean;
  readonly waitedMs: number;
}

export interface Want {
  readonly queue: string;
  readonly room: number;
}

/** Claims up to `room` messages of each queue, high priority first, oldest first, in one statement. */
export function claim(
  sql: Sql,
  wants: readonly Want[],
  token: string,
  owner: string,
  leaseMs: number,
): Promise<readonly ClaimedRow[]> {
  return sql.query<ClaimedRow>(
    `with ready as materialized (
       select m.message_id, m.visible_at from unnest($1::text[], $2::int[]) as want(queue, room)
       cross join lateral (
         -- Two ranges of one index: leased and delayed messages are never walked over.
         select * from (select message_id, visible_at from bus.messages
           where queue = want.queue and priority = 1 and visible_at <= now()
           order by visible_at limit want.room for update skip locked) high
         union all
         select * from (select message_id, visible_at from bus.messages
           where queue = want.queue and priority = 0 and visible_at <= now()
           order by visible_at limit want.room for update skip locked) normal
         limit want.room
       ) m)
, taken as (
       update bus.messages m set lease_token = $3, lease_owner = $4, delivery_count = delivery_count + 1,
         visible_at = now() + $5 * interval '1 millisecond'
       from ready where ${joined("m.message_id", "ready.message_id")}
       returning m.*, ready.visible_at as ready_at)
     select message_id as "messageId", queue, type, body, correlation_id as "correlationId", reply_to as "replyTo",
       delivery_count as "deliveryCount", coalesce(expires_at <= now(), false) as expired,
       (extract(epoch from now() - ready_at) * 1000)::float8 as "waitedMs"
     from taken order by priority desc, ready_at, message_id`,
    [wants.map(({ queue }) => queue), wants.map(({ room }) => room), token, owner, leaseMs],
    "claim",
  );
}

/**
 * The rows of messages that are still held, locked. In the order in which the commit locks them: two statements that
 * touch the same messages wait for each other in a line, not in a circle.
 */
const stillHeld = `h as materialized (
  select m.message_id from unnest($1::uuid[], $2::uuid[]) as given(message_id, token)
  join bus.messages m on ${joined("m.message_id", "given.message_id")} and m.lease_token = given.token
  order by m.message_id for update of m)`;

/** Makes held messages visible again after `delayMs`; what is no longer held is left alone. */
export async function release(
  sql: Sql,
  held: readonly Held[],
  delayMs: number,
  blame: boolean,
): Promise<void> {
  if (held.length === 0) return;
  await sql.query(
    `with ${stillHeld}
     update bus.messages m set lease_token = null, lease_owner = null,
       visible_at = now() + $3 * interval '1 millisecond',
       delivery_count = m.delivery_count - case when $4 then 0 else 1 end
     from h where ${joined("m.message_id", "h.message_id")}`,
    [held.map(({ messageId }) => messageId), held.map(({ token }) => token), delayMs, blame],
    "release",
  );
}

export async function renew(sql: Sql, held: readonly Held[], leaseMs: number): Promise<void> {
  await sql.query(
    `with ${stillHeld}
     update bus.messages m set visible_at = now() + $3 * interval '1 millisecond'
     from h where ${joined("m.message_id", "h.message_id")}`,
    [held.map(({ messageId }) => messageId), held.map(({ token }) => token), leaseMs],
    "renew",
  );
}

export function browse(sql: Sql, queue: string, limit: number): Promise<readonly Browsed[]> {
  return sql.query<Browsed>(
    `select message_id as "messageId", queue, type, body, delivery_count as deliveries,
       case when visible_at <= now() then 'ready' when lease_token is not null then 'leased' else 'delayed' end as state,
       (extract(epoch from visible_at) * 1000)::bigint as "atMs"
     from bus.messages where queue = $1 order by priority desc, visible_at limit $2`,
    [queue, limit],
  );
}

export function depths(sql: Sql): Promise<readonly QueueDepth[]> {
  return sql.query<QueueDepth>(
    `select coalesce(m.queue, d.queue) as queue, coalesce(ready, 0)::int as ready, coalesce(delayed, 0)::int as delayed,
       coalesce(leased, 0)::int as leased, coalesce(dead, 0)::int as dead,
       coalesce(oldest_ms, 0)::float8 as "oldestReadyMs"
     from (select queue,
         -- A lease that has run out holds nothing.
         count(*) filter (where visible_at <= now()) as ready,
         count(*) filter (where lease_token is null and visible_at > now()) as delayed,
         count(*) filter (where lease_token is not null and visible_at > now()) as leased,
         max(extract(epoch from now() - visible_at) * 1000) filter (where visible_at <= now()) as oldest_ms
       from bus.messages group by queue) m
     full join (select queue, count(*) as dead from bus.dead_letters group by queue) d on d.queue = m.queue
     order by 1`,
  );
}

/** Names of all queues that hold messages and begin so; a loose scan of the index, not of the table. */
export async function queuesInUse(sql: Sql, prefix: string): Promise<readonly string[]> {
  const rows = await sql.query<{ queue: string }>(
    `with recursive q as (
       (select queue from bus.messages where queue >= $1 order by queue limit 1)
       union all
       select (select m.queue from bus.messages m where m.queue > q.queue order by m.queue limit 1) from q
       where q.queue is not null)
     select queue from q where queue like $1 || '%'`,
    [prefix],
  );
  return rows.map(({ queue }) => queue);
}
