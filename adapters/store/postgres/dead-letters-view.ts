/** Dead letters page by page, and one of them with the run and the order it belongs to. */
import { ValenceError } from "../../../engine/errors.js";
import type { LetterOrder, LetterRun } from "../../../engine/ports/dead-letters.js";
import type { Row } from "../../../engine/ports/store.js";
import type { Sql } from "./database.js";

/** A dead letter without its body. */
export interface LetterRow {
  readonly messageId: string;
  readonly queue: string;
  readonly type: string;
  readonly reason: string;
  readonly deliveries: number;
  readonly diedAtMs: number;
  readonly runId: string | null;
  readonly flow: string | null;
  readonly stage: string | null;
}

export interface LetterPage {
  readonly rows: readonly LetterRow[];
  /** Where the next page begins. */
  readonly next?: string;
}

const columns = `message_id as "messageId", queue, type, reason, deliveries, body ->> 'runId' as "runId",
  body ->> 'flow' as flow, body ->> 'stage' as stage, (extract(epoch from died_at) * 1000)::bigint as "diedAtMs"`;

/**
 * Oldest first. `queue` undefined: of every queue. A letter that dies or goes while somebody turns pages neither hides
 * nor repeats another one.
 * @throws ValenceError `field_invalid`
 */
export async function letterPage(
  sql: Sql,
  { queue, after, limit }: { readonly queue?: string; readonly after?: string; readonly limit: number },
): Promise<LetterPage> {
  const place = after === undefined ? undefined : placeOf(after);
  const rows = await sql.query<LetterRow & { readonly diedAtMicros: string | number }>(
    `select ${columns}, (extract(epoch from died_at) * 1000000)::bigint as "diedAtMicros" from bus.dead_letters
     where ($1::text is null or queue = $1)
       and ($2::bigint is null or (died_at, message_id) > (timestamptz 'epoch' + $2 * interval '1 microsecond', $3::uuid))
     order by died_at, message_id limit $4`,
    [queue ?? null, place?.diedAtMicros ?? null, place?.messageId ?? null, limit + 1],
  );
  const shown = rows.slice(0, limit);
  const last = rows.length > limit ? shown.at(-1) : undefined;
  return {
    rows: shown.map(({ diedAtMicros: _micros, ...row }) => row),
    ...(last === undefined ? {} : { next: `${last.diedAtMicros}.${last.messageId}` }),
  };
}

const cursor = /^(\d{1,16})\.([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;

function placeOf(after: string): { readonly diedAtMicros: string; readonly messageId: string } {
  const [, diedAtMicros, messageId] = cursor.exec(after) ?? [];
  if (diedAtMicros === undefined || messageId === undefined)
    throw new ValenceError("field_invalid", "`after` must be the `next` of the page before");
  return { diedAtMicros, messageId };
}

export interface LetterDetail {
  readonly letter: LetterRow & { readonly body: Row };
  readonly run?: LetterRun;
  readonly order?: LetterOrder;
}

export async function letterDetail(
  sql: Sql,
  queue: string,
  messageId: string,
): Promise<LetterDetail | undefined> {
  const [letter] = await sql.query<LetterRow & { readonly body: Row }>(
    `select ${columns}, body from bus.dead_letters where queue = $1 and message_id = $2`,
    [queue, messageId],
  );
  if (!letter) return undefined;
  // As text: a broken message may say anything.
  const [run] = await sql.query<LetterRun & { readonly orderId: string | null }>(
    `select run_id as "runId", flow, type, state, stage, reason, order_id as "orderId" from core.runs
     where run_id = (select case when $1 ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' then $1::uuid end)`,
    [letter.runId ?? ""],
  );
  if (!run) return { letter };
  const { orderId, ...rest } = run;
  const [order] = await sql.query<LetterOrder>(
    `select order_id as "orderId", merchant_id as "merchantId", merchant_order_id as "merchantOrderId", status, amount,
       currency from core.orders where order_id = $1`,
    [orderId],
  );
  return { letter, run: rest, ...(order ? { order } : {}) };
}
