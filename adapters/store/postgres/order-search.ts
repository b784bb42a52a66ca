/**
 * Finds orders without an index of its own on the payment's path. The id of an order's first payment begins with the
 * moment at which the order was accepted, so the primary key of `payments` is walked backwards in time, a bounded
 * slice at a time, and the orders are looked up by theirs. A search that looks at many orders and keeps few stops
 * after a while and says how far it got; nothing it asks can run away with the database.
 *
 * Numbers are looked up by the keys they are, or derived from what the merchant calls them. What needs attention is
 * found from the runs that are not over, of which there are few.
 */
import { deriveId, isId, timestampOf } from "../../../engine/ids.js";
import type { FoundOrder, OrderPage, OrderQuery, OrderSearch } from "../../../engine/ports/orders.js";
import type { Sql } from "./database.js";

/**
 * Of the connection that searches: by index whatever the planner thinks of the tables, never longer than this, and
 * never a change.
 */
export const searchSetup: readonly string[] = [
  "set enable_seqscan = off",
  "set enable_hashjoin = off",
  "set enable_mergejoin = off",
  "set jit = off",
  "set statement_timeout = 3000",
  "set default_transaction_read_only = on",
];

/** Orders looked at by one statement, at most. */
const sliceOrders = 5_000;
/** The first statement looks at so many for each order wanted, each later one at so many times more. */
const firstPerOrder = 2;
const sliceGrowth = 8;
/** After this long a page is given back as it is. Milliseconds. */
const searchMsMax = 1_500;
/** See `OrderAttention`. */
const stuckAfterS = 60;
/** Overdue timers looked at, the oldest first: where there are more, nothing moves at all, which is seen elsewhere. */
const overdueMax = 10_000;

export interface PostgresOrderSearchOptions {
  /** A connection of its own, made with `searchSetup`: searches wait for each other, and payments for none of them. */
  readonly sql: Sql;
  /** Monotonic. */
  readonly nowMs: () => number;
  readonly sliceOrders?: number;
}

export class PostgresOrderSearch implements OrderSearch {
  constructor(private readonly options: PostgresOrderSearchOptions) {}

  async search(query: OrderQuery): Promise<OrderPage> {
    if (query.number !== undefined) return this.#among(await this.#byNumber(query.number), query);
    if (query.attention !== undefined) return this.#among(await this.#needing(query.attention), query);
    return this.#backwards(query);
  }

  /** Ids of orders that the number may mean. */
  async #byNumber(number: string): Promise<readonly string[]> {
    const merchants = await this.options.sql.query<{ id: string }>(
      "select merchant_id as id from config.merchants",
    );
    const named = (kind: string): readonly string[] => merchants.map(({ id }) => deriveId(kind, id, number));
    const own = isId(number) ? [number] : [];
    const found = await this.options.sql.query<{ id: string }>(numberText, [
      [...own, ...named("order")],
      own,
      [...own, ...named("refund")],
      number,
    ]);
    return found.map(({ id }) => id);
  }

  async #needing(attention: NonNullable<OrderQuery["attention"]>): Promise<readonly string[]> {
    const [text, values] = attention === "parked" ? [parkedText, []] : [stuckText, [stuckAfterS]];
    const found = await this.options.sql.query<{ id: string }>(text, values);
    return found.map(({ id }) => id);
  }

  /** One page of few candidates. */
  async #among(orderIds: readonly string[], query: OrderQuery): Promise<OrderPage> {
    if (orderIds.length === 0) return { orders: [] };
    const { where, values } = filtersOf(query, [orderIds, query.after ?? lastId, query.limit + 1]);
    const rows = await this.options.sql.query<FoundRow>(amongText(where), values);
    return pageOf(rows, query.limit);
  }

  async #backwards(query: OrderQuery): Promise<OrderPage> {
    const { sliceOrders: sliceMax = sliceOrders, nowMs } = this.options;
    const giveUpAtMs = nowMs() + searchMsMax;
    // Most pages are full of the newest; who looks for what is rare looks at more and more at a time.
    let slice = Math.min(sliceMax, firstPerOrder * (query.limit + 1));
    const found: FoundRow[] = [];
    // What is newer than asked for is not even looked at.
    const newest = query.toMs === undefined ? lastId : firstIdAt(query.toMs);
    let before = query.after !== undefined && query.after < newest ? query.after : newest;
    for (;;) {
      const wanted = query.limit + 1 - found.length;
      const { where, values } = filtersOf(query, [before, firstIdAt(query.fromMs ?? 0), slice, wanted]);
      const [looked] = await this.options.sql.query<Slice>(sliceText(where), values);
      found.push(...(looked?.rows ?? []));
      if (found.length > query.limit || !looked?.edge || looked.lookedAt < slice)
        return pageOf(found, query.limit);
      before = looked.edge;
      slice = Math.min(sliceMax, slice * sliceGrowth);
      if (nowMs() < giveUpAtMs) continue;
      return { ...pageOf(found, query.limit), next: before, searchedBackToMs: timestampOf(before) };
    }
  }
}

/** An order with the id of its first payment, by which pages go on. */
type FoundRow = Omit<FoundOrder, "acceptedAtMs"> & { readonly firstPaymentId: string };

interface Slice {
  readonly lookedAt: number;
  /** The oldest payment looked at. */
  readonly edge: string | null;
  readonly rows: readonly FoundRow[];
}

function pageOf(rows: readonly FoundRow[], limit: number): OrderPage {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const orders = shown.map(({ firstPaymentId, ...order }): FoundOrder => ({
    ...(Object.fromEntries(Object.entries(order).filter(([, value]) => value !== null)) as typeof order),
    acceptedAtMs: timestampOf(firstPaymentId),
  }));
  return { orders, ...(rows.length > limit && last ? { next: last.firstPaymentId } : {}) };
}

/** Comes after every id. */
const lastId = "ffffffff-ffff-ffff-ffff-ffffffffffff";

/** Comes before every id of that moment or a later one. */
export function firstIdAt(atMs: number): string {
  const time = Math.max(0, atMs).toString(16).padStart(12, "0");
  return `${time.slice(0, 8)}-${time.slice(8)}-0000-0000-000000000000`;
}

const columns = `p.payment_id as "firstPaymentId", o.order_id as "orderId", o.merchant_id as "merchantId",
  o.merchant_order_id as "merchantOrderId", o.channel_order_id as "channelOrderId", o.type, o.status,
  o.amount as "amountMinor", o.currency, o.refunded as "refundedMinor", o.channel,
  (extract(epoch from o.updated_at) * 1000)::bigint as "updatedAtMs",
  exists (select from core.runs r where r.order_id = o.order_id and r.state = 'parked') as parked`;

/** @param first the values before the filters' own */
function filtersOf(
  query: OrderQuery,
  first: readonly unknown[],
): { readonly where: string; readonly values: readonly unknown[] } {
  const { merchantId, type, statuses, channel, fromMs, toMs, amountMinorMin, amountMinorMax } = query;
  const filters: readonly (readonly [sql: string, value: unknown])[] = [
    ["o.merchant_id = ?", merchantId],
    ["o.type = ?", type],
    ["o.status = any(?::text[])", statuses],
    ["o.channel = ?", channel],
    ["p.payment_id >= ?::uuid", fromMs === undefined ? undefined : firstIdAt(fromMs)],
    ["p.payment_id < ?::uuid", toMs === undefined ? undefined : firstIdAt(toMs)],
    ["o.amount >= ?", amountMinorMin],
    ["o.amount <= ?", amountMinorMax],
  ];
  const given = filters.filter(([, value]) => value !== undefined);
  return {
    where: given.map(([sql], index) => ` and ${sql.replace("?", `$${first.length + index + 1}`)}`).join(""),
    values: [...first, ...given.map(([, value]) => value)],
  };
}

/** $1: ids of orders, $2: where the page before ended, $3: how many. */
export const amongText = (where: string): string => `
  select ${columns}
  from unnest($1::uuid[]) as candidate(order_id)
  join core.orders o on o.order_id = candidate.order_id
  join core.payments p on p.order_id = o.order_id and p.attempt = 1
  where p.payment_id < $2::uuid${where}
  order by p.payment_id desc limit $3`;

/** $1 and $2: the ids between which it looks, $3: at how many payments, $4: how many orders it wants. */
export const sliceText = (where: string): string => `
  with slice as materialized (
    select payment_id, order_id, attempt from core.payments
    where payment_id < $1::uuid and payment_id >= $2::uuid order by payment_id desc limit $3
  )
  select (select count(*)::int from slice) as "lookedAt",
    (select payment_id from slice order by payment_id limit 1) as edge,
    coalesce((select json_agg(f) from (
      select ${columns}
      from slice p join core.orders o on o.order_id = p.order_id
      where p.attempt = 1${where} order by p.payment_id desc limit $4
    ) f), '[]') as rows`;

/** $1: orders, $2: payments and runs, $3: refunds, $4: the channel's number. */
export const numberText = `
  select order_id as id from core.orders where order_id = any($1::uuid[])
  union select order_id from core.payments where payment_id = any($2::uuid[])
  union select order_id from core.runs where run_id = any($2::uuid[]) and order_id is not null
  union select order_id from core.refunds where refund_id = any($3::uuid[])
  union select order_id from core.payments where channel_order_id = $4`;

export const parkedText = `
  select distinct order_id as id from core.runs where state = 'parked' and order_id is not null`;

/** $1: seconds. A run that moves from stage to stage leaves its row alone: the journal says whether it has moved. */
export const stuckText = `
  with overdue as materialized (
    select run_id, hop from core.timers where due_at < now() - $1 * interval '1 second'
    order by due_at limit ${overdueMax}
  )
  select distinct r.order_id as id from core.runs r
  where r.state = 'open' and r.order_id is not null and r.updated_at < now() - $1 * interval '1 second'
    and not exists (
      select from core.journal j
      where j.run_id = r.run_id and j.at >= now() - $1 * interval '1 second' and j.run_day = (to_timestamp(
        ('x' || substr(replace(r.run_id::text, '-', ''), 1, 12))::bit(48)::bigint / 1000) at time zone 'utc')::date
    )
  union
  select r.order_id from overdue t join core.runs r on r.run_id = t.run_id and r.hop = t.hop
  where r.state = 'waiting' and r.order_id is not null`;
