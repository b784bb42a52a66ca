/**
 * The peers' tables and connections. One row each for order, payment, intent, result and notification, as on the floor;
 * two statements write them, each prepared once per connection (node-postgres names).
 */
import pg from "pg";
import { settings } from "./settings.js";
import type { Order } from "./order.js";

pg.types.setTypeParser(pg.types.builtins.INT8, Number);

export const openPool = (): pg.Pool =>
  new pg.Pool({ connectionString: settings.databaseUrl, max: settings.databaseConnections });

const schema = `
  create table if not exists merchants (
    merchant_id text primary key, key_id text not null, secret text not null, status text not null);
  create table if not exists orders (
    order_id uuid primary key, merchant_id text not null, merchant_order_id text not null, amount bigint not null,
    currency text not null, subject text not null, notify_url text not null, status text not null,
    created_at timestamptz not null default now(), updated_at timestamptz not null default now());
  create table if not exists payments (
    payment_id uuid primary key, order_id uuid not null, channel text not null, amount bigint not null,
    created_at timestamptz not null default now());
  create table if not exists intents (
    payment_id uuid primary key, created_at timestamptz not null default now());
  create table if not exists results (
    payment_id uuid primary key, outcome text not null, channel_order_id text not null,
    created_at timestamptz not null default now());
  create table if not exists notifications (
    notification_id uuid primary key, order_id uuid not null, kind text not null,
    created_at timestamptz not null default now())`;

/** Creates what is missing and registers the merchant. For the first process to start. */
export async function createTables(
  pool: pg.Pool,
  merchant: { readonly merchantId: string; readonly keyId: string; readonly secret: string },
): Promise<void> {
  await pool.query(schema);
  await pool.query("insert into merchants values ($1, $2, $3, 'active') on conflict do nothing", [
    merchant.merchantId,
    merchant.keyId,
    merchant.secret,
  ]);
}

/** Order, payment and intent in one statement: the intent is durable before anybody can call the channel. */
const accept = `
  with accepted as (
    insert into orders (order_id, merchant_id, merchant_order_id, amount, currency, subject, notify_url, status)
    values ($1, $2, $3, $4, $5, $6, $7, 'processing') on conflict do nothing returning order_id),
  payment as (
    insert into payments (payment_id, order_id, channel, amount)
    select $8, order_id, 'simulator', $4 from accepted),
  intent as (insert into intents (payment_id) select $8 from accepted)
  select order_id from accepted`;

/** @returns false when the order was known before */
export async function insertOrder(sql: pg.Pool | pg.PoolClient, order: Order): Promise<boolean> {
  const { orderId, merchantId, merchantOrderId, amount, currency, subject, notifyUrl, paymentId } = order;
  const values = [orderId, merchantId, merchantOrderId, amount, currency, subject, notifyUrl, paymentId];
  const { rowCount } = await sql.query({ name: "accept", text: accept, values });
  return rowCount === 1;
}

/** Result, order status and the notification that is due: nothing happens twice, however often it runs. */
const settle = `
  with result as (
    insert into results (payment_id, outcome, channel_order_id) values ($1, 'approved', $2)
    on conflict do nothing returning payment_id),
  settled as (
    update orders set status = 'paid', updated_at = now()
    where order_id = $3 and status = 'processing' and exists (select from result) returning order_id)
  insert into notifications (notification_id, order_id, kind) select $4, order_id, 'order.paid' from settled`;

export async function settleOrder(pool: pg.Pool, order: Order, channelOrderId: string): Promise<void> {
  const values = [order.paymentId, channelOrderId, order.orderId, order.notificationId];
  await pool.query({ name: "settle", text: settle, values });
}

export interface Merchant {
  readonly keyId: string;
  readonly secret: string;
  readonly active: boolean;
}

const cachedMs = 10_000;

/** Reads merchants from their table, each at most once in ten seconds. */
export function merchantCache(pool: pg.Pool): (merchantId: string) => Promise<Merchant | undefined> {
  const cache = new Map<string, { readonly merchant: Merchant | undefined; readonly untilMs: number }>();
  return async (merchantId) => {
    const known = cache.get(merchantId);
    if (known && known.untilMs > Date.now()) return known.merchant;
    const { rows } = await pool.query<Merchant>(
      `select key_id as "keyId", secret, status = 'active' as active from merchants where merchant_id = $1`,
      [merchantId],
    );
    cache.set(merchantId, { merchant: rows[0], untilMs: Date.now() + cachedMs });
    return rows[0];
  };
}
