/** Rows of `orders` and `payments` as fields of a run, and what runs do to them. */
import type { Row, Write } from "../engine/ports/store.js";
import type { RowReader } from "../engine/ports/index.js";
import type { Fields } from "./fields.js";

/** Always known of an order that was logged, and sometimes. */
export const orderRowFields = [
  "merchantId",
  "orderId",
  "merchantOrderId",
  "type",
  "amount",
  "currency",
  "subject",
  "orderStatus",
  "orderCreatedAt",
  "orderUpdatedAt",
  "payingRunId",
] as const;
export const orderRowMayFields = [
  "business",
  "method",
  "notifyUrl",
  "metadata",
  "action",
  "problem",
] as const;

/** Of its latest attempt. */
export const paymentRowFields = ["paymentId", "attempt", "channel", "paymentStatus"] as const;
export const paymentRowMayFields = ["channelOrderId", "sentAt"] as const;

type OrderFields = Pick<Fields, (typeof orderRowFields)[number]> &
  Partial<Pick<Fields, (typeof orderRowMayFields)[number]>>;
type PaymentFields = Pick<Fields, (typeof paymentRowFields)[number]> &
  Partial<Pick<Fields, (typeof paymentRowMayFields)[number]>>;

/** Columns hold null for what is not known, fields are absent then. */
export const given = <T extends Record<string, unknown>>(values: T): { [K in keyof T]?: NonNullable<T[K]> } =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null && value !== undefined)) as {
    [K in keyof T]?: NonNullable<T[K]>;
  };

/** A row's columns have the names of fields, but for those that a payment has as well. */
export const orderFields = (order: Row): OrderFields =>
  given({
    merchantId: order["merchantId"],
    orderId: order["orderId"],
    merchantOrderId: order["merchantOrderId"],
    type: order["type"],
    amount: Number(order["amount"]),
    currency: order["currency"],
    subject: order["subject"],
    orderStatus: order["status"],
    orderCreatedAt: Number(order["createdAt"]),
    orderUpdatedAt: Number(order["updatedAt"]),
    payingRunId: order["runId"],
    business: order["business"],
    method: order["method"],
    notifyUrl: order["notifyUrl"],
    metadata: order["metadata"],
    action: order["action"],
    problem: order["error"],
  }) as OrderFields;

export const paymentFields = (payment: Row): PaymentFields =>
  given({
    paymentId: payment["paymentId"],
    attempt: Number(payment["attempt"]),
    channel: payment["channel"],
    paymentStatus: payment["status"],
    channelOrderId: payment["channelOrderId"],
    sentAt: typeof payment["sentAt"] === "number" ? payment["sentAt"] : undefined,
  }) as PaymentFields;

/** The order's newest payment. `attempts`: how many the order's row says there are. */
export const latestPayment = async (rows: RowReader, order: Row): Promise<Row | undefined> =>
  rows.find("payments", { orderId: order["orderId"], attempt: Number(order["attempts"]) });

/** @throws Error when it is not there, which is a defect: it was written before. */
export async function paymentOf(rows: RowReader, paymentId: string): Promise<Row> {
  const payment = await rows.find("payments", { paymentId });
  if (!payment) throw new Error(`payment ${paymentId} cannot be found`);
  return payment;
}

/** @throws Error naming both when one of them is not there, which is a defect: both were written before. */
export async function orderAndPayment(
  rows: RowReader,
  orderId: string,
  paymentId: string,
): Promise<readonly [order: Row, payment: Row]> {
  const [order, payment] = await Promise.all([
    rows.find("orders", { orderId }),
    rows.find("payments", { paymentId }),
  ]);
  if (!order || !payment) throw new Error(`order ${orderId} or its payment ${paymentId} cannot be found`);
  return [order, payment];
}

/** So much more of the payment has gone back. Guarded by what was read: lost when another refund was counted meanwhile. */
export function refundedMore(payment: Row, amount: number, nowMs: number): Write {
  const refunded = Number(payment["refunded"]);
  return {
    kind: "transition",
    table: "payments",
    key: { paymentId: payment["paymentId"] },
    from: ["approved"],
    to: "approved",
    match: { refunded },
    set: { refunded: refunded + amount, updatedAt: nowMs },
  };
}
