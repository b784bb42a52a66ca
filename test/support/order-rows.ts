/** Orders as the engine leaves them, written straight into the tables: for whoever reads many of them. */
import type pg from "pg";
import { deriveId, deriveIdAt } from "../../engine/ids.js";

export interface OrderRow {
  readonly merchantOrderId: string;
  readonly acceptedAtMs: number;
  readonly merchantId?: string;
  readonly type?: string;
  readonly status?: string;
  readonly amount?: number;
  readonly channel?: string;
  /** Of its first payment. */
  readonly channelOrderId?: string;
}

export interface WrittenOrder {
  readonly orderId: string;
  readonly paymentId: string;
  readonly runId: string;
}

/** One order with one payment and the run that made both. */
export async function writeOrder(client: pg.Client, row: OrderRow): Promise<WrittenOrder> {
  const { merchantOrderId, acceptedAtMs, merchantId = "demo", type = "pay", status = "paid" } = row;
  const { amount = 1000, channel = "alpha", channelOrderId = null } = row;
  const orderId = deriveId("order", merchantId, merchantOrderId);
  const runId = deriveIdAt(acceptedAtMs, "run", merchantOrderId);
  const paymentId = deriveIdAt(acceptedAtMs, "payment", merchantOrderId);
  const at = new Date(acceptedAtMs);
  await client.query(
    `insert into core.orders (order_id, merchant_id, merchant_order_id, type, status, amount, currency, run_id,
       channel, channel_order_id, created_at, updated_at)
     values ($1, $2, $3, $4, $5, $6, 'CNY', $7, $8, $9, $10, $10)`,
    [orderId, merchantId, merchantOrderId, type, status, amount, runId, channel, channelOrderId, at],
  );
  await client.query(
    `insert into core.payments (payment_id, order_id, run_id, attempt, channel, channel_order_id, status, amount,
       currency, created_at, updated_at)
     values ($1, $2, $3, 1, $4, $5, 'approved', $6, 'CNY', $7, $7)`,
    [paymentId, orderId, runId, channel, channelOrderId, amount, at],
  );
  await client.query(
    `insert into core.runs (run_id, flow, type, plan_hash, order_id, merchant_id, state, stage, hop, reason,
       created_at, updated_at) values ($1, 'pay', $2, 'h', $3, $4, 'ended', 'settle', 3, 'paid', $5, $5)`,
    [runId, type, orderId, merchantId, at],
  );
  return { orderId, paymentId, runId };
}

/** Many of them, a millisecond apart: `count` orders m-1, m-2 … that end with the newest one. */
export const manyOrders = (count: number): string => `
  create function pg_temp.id_at(ms bigint) returns uuid language sql volatile as $$
    select (lpad(to_hex(ms), 12, '0') || '7' || substr(md5(random()::text), 1, 3) || '8' ||
      substr(md5(random()::text), 1, 15))::uuid $$;
  insert into core.orders (order_id, merchant_id, merchant_order_id, type, status, amount, currency, run_id, channel,
      created_at, updated_at)
    select gen_random_uuid(), 'm' || n % 50, 'm-' || n, 'pay',
      case when n % 1000 = 0 then 'failed' else 'paid' end, n, 'CNY', pg_temp.id_at(1790000000000 + n), 'alpha',
      to_timestamp((1790000000000 + n) / 1000.0), now()
    from generate_series(1, ${count}) n;
  insert into core.payments (payment_id, order_id, run_id, attempt, channel, channel_order_id, status, amount, currency,
      created_at, updated_at)
    select pg_temp.id_at((extract(epoch from created_at) * 1000)::bigint), order_id, run_id, 1, 'alpha',
      'C-' || merchant_order_id, 'approved', amount, 'CNY', created_at, now() from core.orders;
  insert into core.runs (run_id, flow, type, plan_hash, order_id, state, stage, hop, reason, created_at, updated_at)
    select run_id, 'pay', 'pay', 'h', order_id,
      case when amount % 5000 = 0 then 'parked' when amount % 4999 = 0 then 'open' else 'ended' end, 's', 0, '',
      created_at, created_at from core.orders;`;
