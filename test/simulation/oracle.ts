/**
 * What must be true when everything has come to rest: the institutions' ledgers, payments, orders, notifications and
 * accounting entries say the same, every order has an end or a person, and nothing is left over.
 */
import type { Row } from "../../engine/ports/store.js";
import { type Account, accounts, type Check, isPaid, isParked, type Rest, sumOf } from "./accounts.js";
import type { Charge } from "./institution.js";
import { ofRefunds } from "./oracle-of-refunds.js";

const ends = ["failed", "closed"];
const isDecided = (account: Account): boolean =>
  isPaid(account) || ends.includes(String(account.row?.["status"]));
/** As far as paying it goes: `order.paid` is said once, whatever is refunded later. */
const decision = (account: Account): string =>
  isPaid(account) ? "order.paid" : `order.${String(account.row?.["status"])}`;
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
    const ended = runs.some(
      ({ runId, state, reason }) =>
        state === "ended" && reason === "rejected" && order.runs.includes(String(runId)),
    );
    return order.runs.length > 0 && !row && !ended && !runs.some(({ state }) => state === "parked")
      ? `${order.runs.length} runs`
      : undefined;
  },
  "an order is neither decided nor before a person": (account) =>
    account.row && !isDecided(account) && !isParked(account) ? String(account.row["status"]) : undefined,
  "parked without a reason": ({ runs }) =>
    runs.some(({ state, reason }) => state === "parked" && String(reason) === "") ? "no reason" : undefined,
  "parked although nothing was wrong": (account) => {
    const parked = account.order.poison
      ? undefined
      : account.runs.find(({ state, reason }) => state === "parked" && reason !== "surplus-refund-declined");
    return parked && String(parked["reason"]);
  },
  "an order was charged twice": (account) =>
    kept(account).length > 1 ? account.charges.map(({ paymentId }) => paymentId).join(", ") : undefined,
  "charged, and not paid": (account) =>
    kept(account).length > 0 && !isPaid(account) && !isParked(account)
      ? String(account.row?.["status"])
      : undefined,
  "paid, and not charged": ({ row, charges }) =>
    isPaid({ row }) && !charges.some(({ paymentId }) => paymentId === row?.["paidBy"])
      ? String(row?.["paidBy"])
      : undefined,
  "charged another amount": ({ order, charges }) =>
    charges.some(({ amountMinor }) => amountMinor !== order.amount) ? String(order.amount) : undefined,
  "payments and order disagree": (account) => {
    const paid = approved(account).length;
    const wanted = isPaid(account) ? 1 : 0;
    return paid === wanted || isParked(account) ? undefined : `${paid} approved payments`;
  },
  "accounting and order disagree": ({ row, entries, payments, refunds }) => {
    const wanted = [
      ...(isPaid({ row }) ? [`order.paid ${String(row?.["paidBy"])}`] : []),
      ...payments.flatMap(({ paymentId, surplus }) =>
        surplus === true ? [`payment.surplus ${String(paymentId)}`] : [],
      ),
      ...refunds.flatMap(({ refundId, status, settledAt }) =>
        status === "approved" && settledAt !== null ? [`refund.refunded ${String(refundId)}`] : [],
      ),
    ];
    const entered = entries.map(
      ({ event, refundId, paymentId }) => `${String(event)} ${String(refundId ?? paymentId)}`,
    );
    return wanted.sort().join() === entered.sort().join() ? undefined : entered.join(", ");
  },
  "the merchant was told twice, or something else": (account, { merchant }) => {
    const { orderId } = account.order;
    const told = merchant.told.filter((each) => each.orderId === orderId && each.refundId === undefined);
    const written = account.notifications.filter(({ event }) => String(event).startsWith("order."));
    const ids = new Map(told.map(({ webhookId, type }) => [webhookId, type]));
    // What has failed may be closed afterwards, and that is all.
    const types = [...ids.values()].sort().join(", ");
    const wanted = decision(account);
    const isRight =
      types === "" || types === wanted || types === "order.failed" || types === "order.closed, order.failed";
    const untold = ids.size < written.length || types.includes(wanted) || types === "";
    return isRight && untold ? undefined : types;
  },
  "the merchant was not told": (account, { merchant }) => {
    if (!account.order.notified || !isDecided(account)) return undefined;
    const notification = account.notifications.find(({ event }) => event === decision(account));
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
    for (const [what, check] of Object.entries({ ...ofOrders, ...ofRefunds })) {
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

/** The sums, from four books that were kept apart. What stands before a person may still go either way. */
function money(rest: Rest): void {
  const clear = accounts(rest).filter((account) => !isParked(account));
  const of = (amounts: (account: Account) => readonly unknown[]): number => sumOf(clear.flatMap(amounts));
  const amount = (rows: readonly Row[]): readonly unknown[] => rows.map((row) => row["amount"]);
  const isSurplus = ({ surplus }: Row): boolean => surplus === true;
  const books = {
    institutions:
      of(({ charges }) => charges.map(({ amountMinor }) => amountMinor)) -
      of(({ returned }) => returned.map(({ amountMinor }) => amountMinor)),
    payments:
      of(({ payments }) => amount(payments.filter(({ status }) => status === "approved"))) -
      of(({ payments }) => payments.map(({ refunded }) => refunded)),
    orders:
      of(({ row }) => (row && isPaid({ row }) ? [Number(row["amount"]) - Number(row["refunded"])] : [])) +
      of(({ payments }) => amount(payments.filter(isSurplus))) -
      of(({ payments }) => payments.filter(isSurplus).map(({ refunded }) => refunded)),
    accounting:
      of(({ entries }) => amount(entries.filter(({ refundId }) => refundId === null))) -
      of(({ entries }) => amount(entries.filter(({ refundId }) => refundId !== null))),
  };
  if (new Set(Object.values(books)).size > 1)
    rest.watch.complain("the books disagree", `${JSON.stringify(books)} of ${rest.orders.size} orders`);
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
