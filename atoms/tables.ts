/** Tables the atoms write. The migrations create them; a test compares the two. */
import type { TableSpec } from "../engine/ports/store.js";

/** `status` moves one way; see `order/settle.ts` for the states. `paidBy` is set once, with the move to `paid`. */
export const ordersTable: TableSpec = {
  name: "orders",
  schema: "core",
  key: ["orderId"],
  status: "status",
  columns: {
    orderId: "uuid",
    merchantId: "text",
    merchantOrderId: "text",
    type: "text",
    business: "text",
    status: "text",
    amount: "bigint",
    currency: "text",
    subject: "text",
    method: "text",
    notifyUrl: "text",
    returnUrl: "text",
    metadata: "json",
    /** The run that logged the order. */
    runId: "uuid",
    channel: "text",
    channelOrderId: "text",
    action: "json",
    error: "json",
    paidBy: "uuid",
    /** Of `amount`, in minor units; what is under way is not in it. */
    refunded: "bigint",
    /** Payments opened so far. Whoever closes the order has seen them all, or loses its guard. */
    attempts: "int",
    /** `merchant`, `expired`; of a closed order only. */
    closeReason: "text",
    expiresAt: "timestamp",
    createdAt: "timestamp",
    updatedAt: "timestamp",
  },
};

/**
 * One attempt to pay an order. `status`:
 *
 * created -> sending             the intent is durable in the same commit: from here on something may have left
 * sending -> pending, unknown, notSent, approved, declined    what the channel said, with its evidence
 * notSent, unknown -> sending    once more, under the same number, at the same channel
 * anything undecided -> closed   it is certain that the institution will never charge it
 * closed, declined -> approved   the institution says so all the same: it pays the order late, or is `surplus`
 */
export const paymentsTable: TableSpec = {
  name: "payments",
  schema: "core",
  key: ["paymentId"],
  status: "status",
  columns: {
    paymentId: "uuid",
    orderId: "uuid",
    runId: "uuid",
    attempt: "int",
    channel: "text",
    /** The channel's number of this payment. */
    channelOrderId: "text",
    routeRule: "text",
    status: "text",
    amount: "bigint",
    currency: "text",
    /** What proves the status: the reply, inquiry or callback, masked. */
    evidence: "json",
    /** Taken by refunds, those under way included: never more than `amount`, whatever races (`refund/reserve.ts`). */
    refundReserved: "bigint",
    /** Of that, what the channel has refunded. */
    refunded: "bigint",
    /** When it was last given to the channel. */
    sentAt: "timestamp",
    /** Charged, and not what paid the order: it goes back to the payer. */
    surplus: "boolean",
    createdAt: "timestamp",
    updatedAt: "timestamp",
  },
};

/**
 * One refund, of one payment. `status`:
 *
 * sending -> pending, unknown, notSent, approved, declined    what the channel said, with its evidence
 * pending, unknown, notSent -> any of these                   it was asked, or sent once more
 * declined -> byHand                                          of a surplus: a person gave it back past the channel
 *
 * `approved`, `byHand` and otherwise `declined` are final. `settledAt` is set once, together with what follows for payment and order:
 * `refund/settle.ts` adds an approved refund to them, `refund/attest.ts` one that was made by hand, and
 * `refund/release.ts` gives the amount of a declined one free.
 */
export const refundsTable: TableSpec = {
  name: "refunds",
  schema: "core",
  key: ["refundId"],
  status: "status",
  columns: {
    refundId: "uuid",
    orderId: "uuid",
    paymentId: "uuid",
    merchantId: "text",
    merchantOrderId: "text",
    merchantRefundId: "text",
    /** The run that logged it. */
    runId: "uuid",
    channel: "text",
    channelRefundId: "text",
    amount: "bigint",
    currency: "text",
    reason: "text",
    status: "text",
    /** What proves the status: the reply or inquiry, masked. */
    evidence: "json",
    error: "json",
    settledAt: "timestamp",
    createdAt: "timestamp",
    updatedAt: "timestamp",
  },
};

/**
 * One thing a merchant is told, over all its attempts. `status`: sending, delivered, failed. An operator may have it
 * sent again: then it is `sending` once more, under its number, and its attempts count on.
 */
export const notificationsTable: TableSpec = {
  name: "notifications",
  schema: "core",
  key: ["notificationId"],
  status: "status",
  columns: {
    notificationId: "uuid",
    orderId: "uuid",
    merchantId: "text",
    runId: "uuid",
    event: "text",
    url: "text",
    status: "text",
    attempts: "int",
    /** HTTP status of the last answer, 0 when there was none. */
    answerStatus: "int",
    answerDetail: "text",
    createdAt: "timestamp",
    updatedAt: "timestamp",
  },
};

/**
 * What was paid and refunded, for accounting. Rows are added and never changed; in which order they are read says the
 * migration. `event` says which way the money went; a refund has a `refundId`.
 */
export const accountingFeedTable: TableSpec = {
  name: "accountingFeed",
  schema: "core",
  key: ["entryId"],
  columns: {
    entryId: "uuid",
    event: "text",
    orderId: "uuid",
    paymentId: "uuid",
    refundId: "uuid",
    merchantId: "text",
    merchantOrderId: "text",
    type: "text",
    business: "text",
    channel: "text",
    /** The channel's numbers of the payment and of the refund. */
    channelOrderId: "text",
    channelRefundId: "text",
    amount: "bigint",
    currency: "text",
    paidAt: "timestamp",
    /** The run that entered it. */
    runId: "uuid",
    enteredAt: "timestamp",
  },
};

export const domainTables: readonly TableSpec[] = [
  ordersTable,
  paymentsTable,
  refundsTable,
  notificationsTable,
  accountingFeedTable,
];
