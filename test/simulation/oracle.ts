/**
 * What must be true when everything has come to rest: the institutions' ledgers, payments, orders, notifications and
 * accounting entries say the same, every order has an end or a person, and nothing is left over.
 */
import type { MemoryBrokerServer } from "../../adapters/memory/broker.js";
import type { MemoryDatabase } from "../../adapters/memory/database.js";
import type { Row } from "../../engine/ports/store.js";
import type { Charge, Institution } from "./institution.js";
import type { Merchant } from "./merchant.js";
import type { Order } from "./traffic.js";
import type { Watch } from "./watch.js";

export interface Rest {
  readonly database: MemoryDatabase;
  readonly server: MemoryBrokerServer;
  readonly institutions: ReadonlyMap<string, Institution>;
  readonly merchant: Merchant;
  readonly orders: ReadonlyMap<string, Order>;
  readonly watch: Watch;
}

/** Everything that belongs to one order. */
interface Account {
  readonly order: Order;
  readonly row: Row | undefined;
  readonly runs: readonly Row[];
  readonly payments: readonly Row[];
  readonly charges: readonly Charge[];
  readonly entries: readonly Row[];
  readonly notifications: readonly Row[];
}

type Check = (account: Account, rest: Rest) => string | undefined;

const ends = ["paid", "failed", "closed"];
const isParked = ({ runs }: Account): boolean => runs.some(({ state }) => state === "parked");
const isDecided = ({ row }: Account): boolean => ends.includes(String(row?.["status"]));
/** Paid the order, or would; what was charged although it had been given up goes back. */
const approved = ({ payments }: Account): readonly Row[] =>
  payments.filter(({ status, surplus }) => status === "approved" && surplus !== true);
/** Charges that are not known to be somebody else's again. */
const kept = ({ charges, payments }: Account): readonly Charge[] =>
  charges.filter(
    (charge) =>
      !payments.some(({ paymentId, surplus }) => paymentId === charge.paymentId && surplus === true),
  );

/** Each of them says what is wrong with one order; undefined: nothing. */
const ofOrders: Readonly<Record<string, Check>> = {
  "an accepted order is lost": ({ order, row, runs }) => {
    const ended = runs.some(({ state, reason }) => state === "ended" && reason === "rejected");
    return order.runs.length > 0 && !row && !ended && !runs.some(({ state }) => state === "parked")
      ? `${order.runs.length} runs`
      : undefined;
  },
  "an order is neither decided nor before a person": (account) =>
    account.row && !isDecided(account) && !isParked(account) ? String(account.row["status"]) : undefined,
  "parked without a reason": ({ runs }) =>
    runs.some(({ state, reason }) => state === "parked" && String(reason) === "") ? "no reason" : undefined,
  "parked although nothing was wrong": (account) => {
    const parked = account.order.poison ? undefined : account.runs.find(({ state }) => state === "parked");
    return parked && String(parked["reason"]);
  },
  "an order was charged twice": (account) =>
    kept(account).length > 1 ? account.charges.map(({ paymentId }) => paymentId).join(", ") : undefined,
  "charged, and not paid": (account) =>
    kept(account).length > 0 && account.row?.["status"] !== "paid" && !isParked(account)
      ? String(account.row?.["status"])
      : undefined,
  "paid, and not charged": ({ row, charges }) =>
    row?.["status"] === "paid" && !charges.some(({ paymentId }) => paymentId === row["paidBy"])
      ? String(row["paidBy"])
      : undefined,
  "charged another amount": ({ order, charges }) =>
    charges.some(({ amountMinor }) => amountMinor !== order.amount) ? String(order.amount) : undefined,
  "payments and order disagree": (account) => {
    const paid = approved(account).length;
    const wanted = account.row?.["status"] === "paid" ? 1 : 0;
    return paid === wanted || isParked(account) ? undefined : `${paid} approved payments`;
  },
  "accounting and order disagree": ({ row, entries }) =>
    entries.length === (row?.["status"] === "paid" ? 1 : 0) ? undefined : `${entries.length} entries`,
  "the merchant was told twice, or something else": ({ order, row, notifications }, { merchant }) => {
    const told = merchant.told.filter(({ orderId }) => orderId === order.orderId);
    const ids = new Map(told.map(({ webhookId, type }) => [webhookId, type]));
    // What has failed may be closed afterwards, and that is all.
    const types = [...ids.values()].sort().join(", ");
    const wanted = `order.${String(row?.["status"])}`;
    const isRight =
      types === "" || types === wanted || types === "order.failed" || types === "order.closed, order.failed";
    const untold = ids.size < notifications.length || types.includes(wanted) || types === "";
    return isRight && untold ? undefined : types;
  },
  "the merchant was not told": (account, { merchant }) => {
    if (!account.order.notified || !isDecided(account)) return undefined;
    const notification = account.notifications.find(
      ({ event }) => event === `order.${String(account.row?.["status"])}`,
    );
    if (!notification) return "no notification";
    const { status, notificationId } = notification;
    if (status === "delivered")
      return merchant.told.some(({ webhookId, confirmed }) => confirmed && webhookId === notificationId)
        ? undefined
        : "delivered to nobody";
    const attempts = merchant.attempts.get(String(notificationId)) ?? 0;
    return status === "failed" && attempts >= 3 ? undefined : `${String(status)} after ${attempts}`;
  },
};

/** Complaints go to the watch, beside those it has by itself. */
export function judge(rest: Rest): void {
  const { database, watch, server } = rest;
  for (const account of accounts(rest))
    for (const [what, check] of Object.entries(ofOrders)) {
      const about = check(account, rest);
      if (about !== undefined) watch.complain(what, about, account.order.orderId);
    }
  for (const run of database.rows("runs"))
    if (run["state"] !== "ended" && run["state"] !== "parked")
      watch.complain(
        "a run does not come to rest",
        `${String(run["runId"])} ${String(run["state"])} ${String(run["stage"])}`,
        run["orderId"],
      );
  for (const letter of database.rows("deadLetters")) judgeLetter(letter, rest);
  const queues = [...server.queues.values()];
  const left = {
    "messages at the broker": queues.reduce((sum, { ready }) => sum + ready.length, 0),
    "unsettled messages": queues.reduce((sum, { unsettled }) => sum + unsettled, 0),
    messages: database.messages.size,
    outbox: database.outbox.rows.size,
    timers: database.count("timers"),
  };
  for (const [what, count] of Object.entries(left))
    if (count > 0) watch.complain("something is left over", `${count} ${what}`);
  money(rest);
}

/** The sums, from five books that were kept apart. */
function money({ database, institutions, watch, orders }: Rest): void {
  const sum = (amounts: readonly number[]): number => amounts.reduce((total, amount) => total + amount, 0);
  const parked = new Set(
    database.rows("runs").flatMap((run) => (run["state"] === "parked" ? [String(run["orderId"])] : [])),
  );
  const surplus = new Set(
    database.rows("payments").flatMap((row) => (row["surplus"] === true ? [String(row["paymentId"])] : [])),
  );
  const of = (rows: readonly Row[]): number =>
    sum(rows.filter(({ orderId }) => !parked.has(String(orderId))).map(({ amount }) => Number(amount)));
  const charges = [...institutions.values()].flatMap((institution) => institution.charges);
  const books = {
    institutions: sum(
      charges
        .filter(({ orderId, paymentId }) => !parked.has(orderId) && !surplus.has(paymentId))
        .map(({ amountMinor }) => amountMinor),
    ),
    payments: of(
      database.rows("payments").filter(({ status, surplus: back }) => status === "approved" && back !== true),
    ),
    orders: of(database.rows("orders").filter(({ status }) => status === "paid")),
    accounting: of(database.rows("accountingFeed")),
  };
  if (new Set(Object.values(books)).size > 1)
    watch.complain("the books disagree", `${JSON.stringify(books)} of ${orders.size} orders`);
}

function judgeLetter(letter: Row, { watch, database, orders }: Rest): void {
  const body = letter["body"] as Row;
  const run = database.find("runs", { runId: body["runId"] });
  const about = `${String(letter["type"])} ${String(letter["queue"])}: ${String(letter["reason"])}`;
  if (letter["type"] === "run" && run?.["state"] !== "parked" && run?.["state"] !== "ended")
    watch.complain("a dead letter nobody knows of", about, run?.["orderId"]);
  if (!orders.get(String(run?.["orderId"]))?.poison)
    watch.complain("a message died although nothing was wrong with it", about, run?.["orderId"]);
}

function accounts({ database, institutions, orders }: Rest): readonly Account[] {
  const group = (rows: readonly Row[]): Map<string, Row[]> => grouped(rows, ({ orderId }) => String(orderId));
  const [runs, payments] = [group(database.rows("runs")), group(database.rows("payments"))];
  const [entries, notifications] = [
    group(database.rows("accountingFeed")),
    group(database.rows("notifications")),
  ];
  const charges = grouped(
    [...institutions.values()].flatMap((institution) => institution.charges),
    ({ orderId }) => orderId,
  );
  return [...orders.values()].map((order) => ({
    order,
    row: database.find("orders", { orderId: order.orderId }),
    runs: runs.get(order.orderId) ?? [],
    payments: payments.get(order.orderId) ?? [],
    charges: charges.get(order.orderId) ?? [],
    entries: entries.get(order.orderId) ?? [],
    notifications: notifications.get(order.orderId) ?? [],
  }));
}

function grouped<T>(list: readonly T[], key: (entry: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const entry of list) {
    const group = groups.get(key(entry));
    if (group) group.push(entry);
    else groups.set(key(entry), [entry]);
  }
  return groups;
}
