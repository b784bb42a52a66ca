/**
 * The account of a whole system after everything has come to rest: orders, payments, refunds, notifications and
 * accounting of ours against the institution's own ledger.
 */
import assert from "node:assert/strict";
import type { Database } from "../../../adapters/store/postgres/database.js";
import type { Cluster } from "../cluster.js";
import { countOpen } from "../reconcile.js";

type Rows = readonly Readonly<Record<string, string | number | boolean | null>>[];

interface Account {
  /** Runs that are not over, and messages that nobody has dealt with. */
  readonly open: number;
  readonly parked: Rows;
  readonly orders: Rows;
  readonly payments: Rows;
  readonly refunds: Rows;
  readonly rejected: Rows;
  readonly entries: Rows;
  /** `event subject`, as often as the merchant was told under different ids. */
  readonly told: ReadonlyMap<string, number>;
}

const queries = {
  parked: "select flow, reason from core.runs where state = 'parked'",
  orders: `select order_id as id, status, paid_by as "paidBy", refunded::float from core.orders`,
  payments: `select payment_id as id, order_id as "orderId", status, surplus, amount::float,
    refund_reserved::float as reserved, refunded::float from core.payments`,
  refunds: `select refund_id as id, payment_id as "paymentId", status, amount::float, merchant_refund_id as "number"
    from core.refunds`,
  /** Accepted while nothing could decide, and refused when something could: no channel was there. Nothing was logged. */
  rejected: `select distinct r.order_id as id, r.problem ->> 'code' as code from core.runs r
    where r.flow = 'pay' and r.reason = 'rejected'
      and not exists (select 1 from core.orders o where o.order_id = r.order_id)`,
  entries: `select event, payment_id as "paymentId", refund_id as "refundId" from core.accounting_feed`,
} as const;

async function accountOf(cluster: Cluster, database: Database): Promise<Account> {
  const open = await countOpen(database);
  const rows = Object.fromEntries(
    await Promise.all(
      Object.entries(queries).map(async ([name, sql]) => [name, await database.pool.query(sql)]),
    ),
  ) as Readonly<Record<keyof typeof queries, Rows>>;
  const ids = new Map<string, Set<string>>();
  for (const { type, webhookId, data } of await cluster.deliveries()) {
    const subject = `${type} ${(data as { readonly refundId?: string }).refundId ?? data.orderId}`;
    ids.set(subject, (ids.get(subject) ?? new Set()).add(webhookId));
  }
  const told = new Map([...ids].map(([subject, webhooks]) => [subject, webhooks.size]));
  return { open, ...rows, told };
}

/** What the merchant has to hear of, once each. */
function tidings({ orders, refunds }: Account): readonly string[] {
  const events: Readonly<Record<string, string>> = { closed: "order.closed", failed: "order.failed" };
  return [
    ...orders.map(({ id, status }) => `${events[String(status)] ?? "order.paid"} ${id}`),
    ...refunds
      .filter(({ number, status }) => !String(number).startsWith("surplus-") && status === "approved")
      .map(({ id }) => `refund.refunded ${id}`),
  ].sort();
}

/** What accounting has to have entered, once each. */
function bookings({ payments, refunds }: Account): readonly string[] {
  return [
    ...payments
      .filter(({ status }) => status === "approved")
      .map(({ id, surplus }) => `${surplus === true ? "payment.surplus" : "order.paid"} ${id}`),
    ...refunds.filter(({ status }) => status === "approved").map(({ id }) => `refund.refunded ${id}`),
  ].sort();
}

const entered = ({ entries }: Account): readonly string[] =>
  entries.map(({ event, paymentId, refundId }) => `${event} ${refundId ?? paymentId}`).sort();

/** Waits until nothing is left to happen, then compares. @throws AssertionError that says what does not agree */
export async function balance(
  cluster: Cluster,
  database: Database,
  orders: number,
  settleMsMax: number,
): Promise<Readonly<Record<string, number>>> {
  const giveUpAtMs = Date.now() + settleMsMax;
  let account = await accountOf(cluster, database);
  // What waits at a broker is in none of our tables: a subscriber's run that has not begun is seen by what it lacks.
  const isAtRest = (): boolean =>
    account.open === 0 &&
    entered(account).length >= bookings(account).length &&
    tidings(account).every((event) => account.told.has(event));
  while (!isAtRest() && Date.now() < giveUpAtMs) {
    await new Promise((resolve) => setTimeout(resolve, 500));
    account = await accountOf(cluster, database);
  }
  assert.equal(account.open, 0, "runs or messages are left");
  assert.deepEqual(account.parked, [], "no run should need a person");
  const refused = account.rejected.filter(({ code }) => code !== "no_route");
  assert.deepEqual(refused, [], "an order is refused for no other reason than that no channel was there");
  const known = account.orders.length + account.rejected.length;
  assert.equal(known, orders, "every accepted order exists, or was refused where its answer points to");
  const undecided = account.orders.filter(
    ({ status }) => status === "processing" || status === "requires_action",
  );
  assert.deepEqual(undecided, [], "every order is decided");
  await compareWithInstitution(cluster, account);
  assert.deepEqual(entered(account), bookings(account), "accounting has each of them once");
  for (const event of tidings(account))
    assert.equal(account.told.get(event), 1, `the merchant is told of ${event} under one id`);
  return { ...statusesOf(account.orders), rejected: account.rejected.length };
}

async function compareWithInstitution(
  cluster: Cluster,
  { orders, payments, refunds }: Account,
): Promise<void> {
  const charges = (await cluster.charges()) as readonly (Awaited<ReturnType<Cluster["charges"]>>[number] & {
    readonly refunded: number;
  })[];
  const approved = payments.filter(({ status }) => status === "approved");
  assert.deepEqual(
    charges.map(({ paymentId }) => paymentId).sort(),
    approved.map(({ id }) => id).sort(),
    "one charge per approved payment, and no other",
  );
  const paid = orders.filter(({ paidBy }) => paidBy !== null).map(({ paidBy }) => paidBy);
  assert.deepEqual(
    approved
      .filter(({ surplus }) => surplus !== true)
      .map(({ id }) => id)
      .sort(),
    paid.sort(),
    "each approved payment paid its order, or is surplus",
  );
  for (const { paymentId, refunded } of charges) {
    const payment = approved.find(({ id }) => id === paymentId);
    const rows = refunds.filter(
      (refund) => refund["paymentId"] === paymentId && refund["status"] === "approved",
    );
    const sum = rows.reduce((total, { amount }) => total + Number(amount), 0);
    assert.deepEqual(
      [payment?.["refunded"], payment?.["reserved"], sum],
      [refunded, refunded, refunded],
      `what went back of payment ${paymentId}`,
    );
    if (payment?.["surplus"] === true) assert.equal(refunded, payment["amount"], "surplus goes back whole");
  }
}

function statusesOf(orders: Rows): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { status } of orders) counts[String(status)] = (counts[String(status)] ?? 0) + 1;
  return counts;
}
