/**
 * The channel port: one payment institution behind five operations. A driver translates; it decides nothing and
 * never retries by itself. What it has never seen is `unknown`, never `declined`.
 */
import type { Row } from "./store.js";

/**
 * `approved`, `declined`: the institution said so explicitly. `pending`: it told us to wait. `notSent`: not a byte of
 * the request was written to a socket (connect or TLS failure, open breaker, full bulkhead), so it may go anywhere.
 * `unknown`: everything else, a reset after connect included.
 */
export type ChannelResult = "approved" | "declined" | "pending" | "notSent" | "unknown";

/** What an inquiry adds: the institution says it has no such payment. Trusted only after `graceMs`. */
export type InquiryResult = Exclude<ChannelResult, "notSent"> | "absent";

export interface Action {
  readonly kind: "redirect" | "qr" | "form" | "sdk";
  readonly url?: string;
  readonly content?: string;
}

export interface ChargeRequest {
  /** Ours; the institution's idempotency key. A repeat carries the same one. */
  readonly paymentId: string;
  readonly orderId: string;
  readonly amountMinor: number;
  readonly currency: string;
  readonly subject: string;
  readonly method: string | undefined;
  readonly returnUrl: string | undefined;
}

export interface ChannelAnswer<Result extends string = ChannelResult> {
  readonly result: Result;
  /** The institution's own number for the payment. */
  readonly channelOrderId?: string;
  /** The institution's code and words, verbatim. */
  readonly code?: string;
  readonly message?: string;
  /** What the payer has to do next, with `pending`. */
  readonly action?: Action;
  /** The exchange as evidence: request and response, already masked. */
  readonly evidence: Row;
}

export interface CallbackIn {
  readonly headers: Readonly<Record<string, string>>;
  /** Base64 of the raw bytes: signatures cover bytes. */
  readonly bodyBase64: string;
}

export interface CallbackReply {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

/** `forged` answers are refused in the institution's own dialect and change nothing. */
export type CallbackOut =
  | {
      readonly verdict: "genuine";
      readonly paymentId: string;
      readonly answer: ChannelAnswer;
      readonly reply: CallbackReply;
    }
  | { readonly verdict: "forged"; readonly why: string; readonly reply: CallbackReply };

/** `channel.json`: what routing and the runtime need to know without running the driver. */
export interface ChannelManifest {
  readonly channel: string;
  readonly title: string;
  readonly methods: readonly string[];
  readonly currencies: readonly string[];
  readonly amountMinorMin: number;
  readonly amountMinorMax: number;
  /** One call, connect to last byte. Must be below the send window. */
  readonly callTimeoutMs: number;
  /** For this long after sending, "no such payment" does not count. */
  readonly graceMs: number;
  readonly concurrencyMax: number;
}

export interface ChannelDriver {
  readonly manifest: ChannelManifest;
  /** Never rejects for what the institution or the network does: that is a result. Stops when `signal` aborts. */
  charge(request: ChargeRequest, signal: AbortSignal): Promise<ChannelAnswer>;
  inquire(request: ChargeRequest, signal: AbortSignal): Promise<ChannelAnswer<InquiryResult>>;
  callback(callback: CallbackIn): CallbackOut;
  close(): Promise<void>;
}
