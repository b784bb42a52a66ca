/** What can be done about dead letters, wherever the messages of the bus are. */
import type { DeadLetter } from "../../../engine/ports/bus.js";
import type { DeadLetterBox } from "../../../engine/ports/outbox.js";
import type { Sql } from "./database.js";

/** Where a risen message goes: the queue table, or the outbox of a broker beside the database. */
export type Resurrection = "messages" | "outbox";

const insertRisen: Readonly<Record<Resurrection, string>> = {
  messages: `insert into bus.messages (message_id, queue, type, body, delivery_count, visible_at)
     select message_id, queue, type, body, 1, now() from risen on conflict do nothing`,
  outbox: `insert into bus.outbox (publication_id, message_id, queue, priority, type, body, delivery_count, due_at)
     select gen_random_uuid(), message_id, queue, 0, type, body, 1, now() from risen`,
};

export function deadLetters(sql: Sql, queue: string, limit: number): Promise<readonly DeadLetter[]> {
  return sql.query<DeadLetter>(
    `select message_id as "messageId", queue, reason, body, (extract(epoch from died_at) * 1000)::bigint as "diedAtMs"
     from bus.dead_letters where queue = $1 order by died_at limit $2`,
    [queue, limit],
  );
}

/**
 * Puts dead letters back into their queue as if new, and takes the runs they parked out of the park in the same
 * statement. Returns how many.
 */
export async function replay(
  sql: Sql,
  queue: string,
  messageIds: readonly string[] | undefined,
  into: Resurrection,
): Promise<number> {
  const rows = await sql.query(
    `with risen as (delete from bus.dead_letters where queue = $1 and ($2::uuid[] is null or message_id = any($2))
       returning *),
     opened as (update core.runs r set state = 'open', reason = '', updated_at = now() from risen
       where r.run_id = (risen.body ->> 'runId')::uuid and r.state = 'parked' and risen.type = 'run')
     ${insertRisen[into]} returning 1`,
    [queue, messageIds ?? null],
  );
  return rows.length;
}

/** Removes dead letters for good; with `queue` those of it alone. Returns how many there were. */
export async function discard(sql: Sql, messageIds: readonly string[], queue?: string): Promise<number> {
  const rows = await sql.query(
    `delete from bus.dead_letters where message_id = any($1::uuid[]) and ($2::text is null or queue = $2)
     returning 1`,
    [messageIds, queue ?? null],
  );
  return rows.length;
}

/** Removes for good those of the queue that had died by then. Returns how many there were. */
export async function discardUntil(sql: Sql, queue: string, diedUntilMs: number): Promise<number> {
  const rows = await sql.query(
    `delete from bus.dead_letters where queue = $1
       and died_at < timestamptz 'epoch' + ($2::bigint + 1) * interval '1 millisecond' returning 1`,
    [queue, diedUntilMs],
  );
  return rows.length;
}

/** How many there are, per queue. */
function deadCounts(sql: Sql): Promise<readonly { readonly queue: string; readonly dead: number }[]> {
  return sql.query("select queue, count(*)::int as dead from bus.dead_letters group by queue");
}

/** Those of a bus whose messages are beside the database. */
export const lettersBeside = (sql: Sql): DeadLetterBox => ({
  list: (queue, limit) => deadLetters(sql, queue, limit),
  replay: (queue, messageIds) => replay(sql, queue, messageIds, "outbox"),
  discard: (messageIds) => discard(sql, messageIds),
  counts: () => deadCounts(sql),
});
