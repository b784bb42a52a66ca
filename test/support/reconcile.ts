/** What became of the orders of a cluster, and whether database, institution and merchant agree about it. */
import assert from "node:assert/strict";
import type { Database } from "../../adapters/store/postgres/database.js";
import type { Cluster } from "./cluster.js";

interface Order {
  readonly orderId: string;
  readonly status: string;
  readonly paidBy: string | null;
}

export interface Outcome {
  /** Runs that are not over, and messages that nobody has dealt with. */
  readonly open: number;
  readonly orders: readonly Order[];
  /** Why runs are parked. */
  readonly parked: readonly string[];
  /** Payments in the accounting feed. */
  readonly entered: readonly string[];
}

/** Runs that are not over, and messages that nobody has dealt with. */
export async function countOpen({ pool }: Database): Promise<number> {
  const [open] = await pool.query<{ count: number }>(
    `select ((select count(*) from core.runs where state in ('open', 'waiting'))
       + (select count(*) from bus.messages) + (select count(*) from bus.outbox))::int as count`,
  );
  return open?.count ?? 0;
}

export async function outcomeOf(database: Database): Promise<Outcome> {
  const parked = await database.pool.query<{ reason: string }>(
    "select reason from core.runs where state = 'parked'",
  );
  const orders = await database.pool.query<Order & Record<string, unknown>>(
    `select order_id as "orderId", status, paid_by as "paidBy" from core.orders`,
  );
  const entered = await database.pool.query<{ id: string }>(
    "select payment_id as id from core.accounting_feed where refund_id is null",
  );
  return {
    open: await countOpen(database),
    orders,
    parked: parked.map(({ reason }) => reason),
    entered: entered.map(({ id }) => id),
  };
}

/**
 * Waits until nothing is left to happen, then: every one of `count` orders is there and paid, the institution charged
 * once per paid order and never otherwise, every merchant was told and accounting has one entry per charge.
 */
export async function reconcile(
  cluster: Cluster,
  database: Database,
  count: number,
  settleMsMax: number,
): Promise<void> {
  let outcome = await outcomeOf(database);
  let notified = await toldOf(cluster);
  const giveUpAtMs = Date.now() + settleMsMax;
  // What waits at a broker is in none of our tables: a subscriber's run that has not begun is seen by what it lacks.
  const isDone = (): boolean =>
    outcome.open === 0 && outcome.entered.length >= count && notified.size >= count;
  while (!isDone() && Date.now() < giveUpAtMs) {
    await new Promise((resolve) => setTimeout(resolve, 500));
    outcome = await outcomeOf(database);
    notified = await toldOf(cluster);
  }
  assert.equal(outcome.open, 0, "runs or messages are left");
  assert.deepEqual(outcome.parked, [], "no run should need a person");
  assert.equal(outcome.orders.length, count, "every accepted order exists");
  const unpaid = outcome.orders.filter(({ status }) => status !== "paid");
  assert.deepEqual(unpaid, [], "all are paid");
  const charged = (await cluster.charges()).map(({ paymentId }) => paymentId).sort();
  const paidBy = outcome.orders.map((order) => order.paidBy).sort();
  assert.deepEqual(charged, paidBy, "one charge per paid order, and no other");
  assert.deepEqual([...outcome.entered].sort(), charged, "one entry for accounting per charge");
  const told = outcome.orders.map(({ orderId }) => orderId).sort();
  assert.deepEqual([...notified].sort(), told, "every merchant was told");
}

/** Orders whose merchant has heard of them. */
const toldOf = async (cluster: Cluster): Promise<ReadonlySet<string>> =>
  new Set((await cluster.deliveries()).map(({ data }) => data.orderId));
