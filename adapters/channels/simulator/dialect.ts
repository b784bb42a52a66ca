/**
 * The dialect both sides speak: JSON over HTTP POST, signed both ways. Prose in README.md.
 *
 * Every message carries `sim-timestamp` (epoch milliseconds) and `sim-signature`, the base64 HMAC-SHA256 over
 * `direction \n timestamp \n path \n raw body`. The direction is signed so that nobody can hand a request back as
 * its own answer; the path so that an answer to one operation cannot stand for another.
 */
import { createHmac, timingSafeEqual } from "node:crypto";

export type Operation = "pay" | "query" | "refund" | "refund-query" | "close" | "bill";
export type Direction = "request" | "response" | "callback";

export const paths: Readonly<Record<Operation, string>> = {
  pay: "/sim/pay",
  query: "/sim/query",
  refund: "/sim/refund",
  "refund-query": "/sim/refund-query",
  close: "/sim/close",
  bill: "/sim/bill",
};

/** What a callback signs as its path, wherever it is delivered: proxies on the way rewrite real paths. */
export const callbackPath = "/sim/callback";

export const timestampHeader = "sim-timestamp";
export const signatureHeader = "sim-signature";

/** How far the timestamp of a request or an answer may be from the reader's clock. */
export const signatureWindowMs = 300_000;

/** Largest body either side reads; a payment is under 1 KiB. Bills are the exception and are not read by the driver. */
export const bodyBytesMax = 64 * 1024;

/** Result codes. `judge.ts` says what each means for a payment; a code that is not there means nothing is known. */
export type Code =
  | "APPROVED"
  | "DECLINED"
  | "WAITING_PAYER"
  | "NOT_FOUND"
  | "CLOSED"
  | "ALREADY_PAID"
  | "REFUNDED"
  | "REFUND_EXCEEDS"
  | "INVALID_REQUEST"
  | "BAD_SIGNATURE"
  | "OK";

export interface PayBody {
  readonly paymentId: string;
  readonly orderId: string;
  /** Minor units. */
  readonly amount: number;
  readonly currency: string;
  readonly subject: string;
  readonly method?: string;
  readonly returnUrl?: string;
}

/** Answer to `pay` and `query`, and the body of a callback. */
export interface PaymentBody {
  readonly code: Code;
  readonly message: string;
  readonly paymentId?: string;
  readonly channelOrderId?: string;
  readonly amount?: number;
  readonly currency?: string;
  readonly refunded?: number;
  /** Epoch milliseconds of the charge. */
  readonly at?: number;
  readonly action?: { readonly kind: "qr"; readonly content: string };
}

export type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;

function digest(
  secret: string,
  direction: Direction,
  timestamp: string,
  path: string,
  body: Uint8Array,
): Buffer {
  return createHmac("sha256", secret).update(`${direction}\n${timestamp}\n${path}\n`).update(body).digest();
}

/** The two headers that sign `body`. */
export function signatureHeaders(
  secret: string,
  direction: Direction,
  path: string,
  body: Uint8Array,
  nowMs: number,
): Record<string, string> {
  const timestamp = String(nowMs);
  return {
    [timestampHeader]: timestamp,
    [signatureHeader]: digest(secret, direction, timestamp, path, body).toString("base64"),
  };
}

const base64OfSha256 = /^[A-Za-z0-9+/]{43}=$/;

/**
 * Why the signature does not hold, or undefined when it does. Header names must be lower-case. `nowMs` absent: the age
 * is not judged (callbacks, see README.md).
 */
export function signatureFault(
  secret: string,
  direction: Direction,
  path: string,
  headers: Headers,
  body: Uint8Array,
  nowMs?: number,
): string | undefined {
  const timestamp = headers[timestampHeader];
  const signature = headers[signatureHeader];
  if (typeof timestamp !== "string" || typeof signature !== "string")
    return "the signature headers are missing";
  if (!/^\d{1,15}$/.test(timestamp) || !base64OfSha256.test(signature))
    return "the signature headers are malformed";
  const expected = digest(secret, direction, timestamp, path, body);
  if (!timingSafeEqual(expected, Buffer.from(signature, "base64"))) return "the signature does not match";
  if (nowMs !== undefined && Math.abs(nowMs - Number(timestamp)) > signatureWindowMs)
    return "the timestamp is stale";
  return undefined;
}

/** The JSON object in `body`, or undefined for anything else. */
export function parseObject(body: Uint8Array): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(
      Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString("utf8"),
    );
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Readonly<Record<string, unknown>>)
      : undefined;
  } catch {
    return undefined;
  }
}
