/** An order as it travels from the API process to the worker. All its ids are derived: the same order, the same ids. */
import { createHash } from "node:crypto";

export interface Order {
  readonly orderId: string;
  readonly paymentId: string;
  readonly notificationId: string;
  readonly merchantId: string;
  readonly merchantOrderId: string;
  /** Minor units. */
  readonly amount: number;
  readonly currency: string;
  readonly subject: string;
  readonly notifyUrl: string;
  /** Epoch milliseconds. */
  readonly acceptedAtMs: number;
}

/** A UUIDv8 (RFC 9562) over what names the thing. */
function derivedId(kind: string, merchantId: string, merchantOrderId: string): string {
  const hash = createHash("sha256").update(`${kind}\0${merchantId}\0${merchantOrderId}`).digest("hex");
  return [
    hash.slice(0, 8),
    hash.slice(8, 12),
    `8${hash.slice(13, 16)}`,
    `8${hash.slice(17, 20)}`,
    hash.slice(20, 32),
  ].join("-");
}

const isText = (value: unknown): value is string => typeof value === "string" && value !== "";

/** Undefined when the body is no order. */
export function orderFrom(merchantId: string, body: Buffer, nowMs: number): Order | undefined {
  let fields: Readonly<Record<string, unknown>>;
  try {
    fields = JSON.parse(body.toString("utf8")) as Readonly<Record<string, unknown>>;
  } catch {
    return undefined;
  }
  const { merchantOrderId, amount, currency, subject, notifyUrl } = fields;
  if (!isText(merchantOrderId) || !isText(currency) || !isText(subject) || !isText(notifyUrl))
    return undefined;
  if (!Number.isSafeInteger(amount) || (amount as number) <= 0) return undefined;
  return {
    orderId: derivedId("order", merchantId, merchantOrderId),
    paymentId: derivedId("payment", merchantId, merchantOrderId),
    notificationId: derivedId("notification", merchantId, merchantOrderId),
    merchantId,
    merchantOrderId,
    amount: amount as number,
    currency,
    subject,
    notifyUrl,
    acceptedAtMs: nowMs,
  };
}
