/** What must be true of refunds when everything has come to rest. */
import type { Row } from "../../engine/ports/store.js";
import { type Account, type Check, sumOf } from "./accounts.js";

const isSettled = ({ settledAt }: Row): boolean => settledAt !== null;
const isBefore = ({ runs }: Account, { runId }: Row): boolean =>
  runs.some((run) => run["runId"] === runId && run["state"] === "parked");
const amounts = (rows: readonly Row[]): number => sumOf(rows.map(({ amount }) => amount));
const isSurplusOf = (payments: readonly Row[], refund: Row): boolean =>
  payments.some(({ paymentId, surplus }) => paymentId === refund["paymentId"] && surplus === true);

/** The first thing that `check` finds about one of them. */
const first = <T>(list: readonly T[], check: (each: T) => string | undefined): string | undefined => {
  for (const each of list) {
    const found = check(each);
    if (found !== undefined) return found;
  }
  return undefined;
};

export const ofRefunds: Readonly<Record<string, Check>> = {
  "a refund is neither decided nor before a person": (account) =>
    first(account.refunds, (refund) =>
      isSettled(refund) || isBefore(account, refund)
        ? undefined
        : `${String(refund["refundId"])} ${String(refund["status"])}`,
    ),
  "a refund was executed twice": ({ returned }) => {
    const ids = returned.map(({ refundId }) => refundId);
    return ids.find((id, index) => ids.indexOf(id) !== index);
  },
  "more went back than was paid": ({ payments, charges, returned }) =>
    first(payments, ({ paymentId }) => {
      const of = (list: readonly { paymentId: string; amountMinor: number }[]): number =>
        sumOf(list.filter((each) => each.paymentId === paymentId).map(({ amountMinor }) => amountMinor));
      return of(returned) > of(charges) ? String(paymentId) : undefined;
    }),
  "institution and refunds disagree": (account) =>
    first(account.refunds, (refund) => {
      const { refundId, status, amount } = refund;
      const back = account.returned.filter((each) => each.refundId === refundId);
      const wanted = status === "approved" ? Number(amount) : 0;
      const isRight = sumOf(back.map(({ amountMinor }) => amountMinor)) === wanted;
      return isRight || isBefore(account, refund) ? undefined : `${String(refundId)} ${String(status)}`;
    }),
  "money went back without a refund": ({ refunds, returned }) =>
    returned.find(({ refundId }) => !refunds.some((refund) => refund["refundId"] === refundId))?.refundId,
  "refunds and payments disagree": ({ payments, refunds }) =>
    first(payments, ({ paymentId, amount, refunded, refundReserved }) => {
      const own = refunds.filter((refund) => refund["paymentId"] === paymentId);
      const wanted = amounts(own.filter((refund) => refund["status"] === "approved" && isSettled(refund)));
      const under = amounts(own.filter((refund) => !isSettled(refund)));
      const isRight =
        Number(refunded) === wanted &&
        Number(refundReserved) === wanted + under &&
        Number(refundReserved) <= Number(amount);
      return isRight ? undefined : `${String(refunded)} of ${String(refundReserved)} reserved, not ${wanted}`;
    }),
  "payments and order disagree about refunds": ({ row, payments }) => {
    if (!row) return undefined;
    const paid = payments.find(({ paymentId }) => paymentId === row["paidBy"]);
    const refunded = Number(row["refunded"]);
    const status = refunded === 0 ? "paid" : refunded === row["amount"] ? "refunded" : "partially_refunded";
    const isRight = paid ? refunded === paid["refunded"] && row["status"] === status : refunded === 0;
    return isRight ? undefined : `${String(row["status"])}, ${refunded}`;
  },
  "money too many was kept": (account) =>
    first(account.payments, ({ paymentId, surplus, amount, refunded }) => {
      const own = account.refunds.filter((refund) => refund["paymentId"] === paymentId);
      const isGoing = refunded === amount || own.some((refund) => isBefore(account, refund));
      return surplus !== true || isGoing ? undefined : String(paymentId);
    }),
  "the merchant was not told of a refund, or wrongly": (account, { merchant }) => {
    const { notifications, payments, refunds, order } = account;
    const wanted = refunds
      .filter((refund) => order.notified && isSettled(refund) && !isSurplusOf(payments, refund))
      .map(({ status }) => `refund.${status === "approved" ? "refunded" : "failed"}`);
    const written = notifications.filter(({ event }) => String(event).startsWith("refund."));
    const said = written.map(({ event }) => String(event));
    if (said.sort().join() !== wanted.sort().join()) return `${said.join()}, not ${wanted.join()}`;
    const told = merchant.told.filter(
      (each) => each.orderId === order.orderId && each.refundId !== undefined,
    );
    const ids = new Set(told.map(({ webhookId }) => webhookId));
    const known = new Set(written.map(({ notificationId }) => notificationId));
    const stranger = [...ids].find((id) => !known.has(id));
    if (stranger !== undefined) return stranger;
    return first(written, ({ notificationId, status }) => {
      const heard = told.some(({ webhookId, confirmed }) => confirmed && webhookId === notificationId);
      const attempts = merchant.attempts.get(String(notificationId)) ?? 0;
      const isRight = status === "delivered" ? heard : status === "failed" && attempts >= 3;
      return isRight ? undefined : `${String(notificationId)} ${String(status)}`;
    });
  },
};
