/**
 * The channel port: one payment institution behind a handful of operations. A driver translates; it decides nothing
 * and never retries by itself. What it has never seen is `unknown`, never `declined`.
 */
import type { Row } from "./store.js";

/**
 * `approved`, `declined`: the institution said so explicitly. `pending`: it told us to wait. `notSent`: not a byte of
 * the request was written to a socket (connect or TLS failure, open breaker, full bulkhead), so it may go anywhere.
 * `unknown`: everything else, a reset after connect included.
 */
export type ChannelResult = "approved" | "declined" | "pending" | "notSent" | "unknown";

/**
 * What an inquiry adds: the institution says it has no such payment, or no such refund. Trusted only after `graceMs`;
 * an inquiry that was not sent has learned nothing and is `unknown`.
 */
export type InquiryResult = Exclude<ChannelResult, "notSent"> | "absent";

/**
 * What closing an unpaid payment came to.
 * `closed`: the institution will never charge it, whatever arrives later; only now may it go to another channel.
 * `paid`: it was charged before the close arrived; take the late-success path.
 * `absent`: the institution has never seen it and promises nothing: a charge still on its way would be executed. Close
 * again after `graceMs`, or inquire.
 * `notSent`: nothing was written, nothing has changed. `unknown`: it may be closed by now or not; closing again is safe.
 */
export type CloseResult = "closed" | "paid" | "absent" | "notSent" | "unknown";

/** `answers`: the institution gave an answer that could be trusted, whatever it said. */
export type ProbeResult = "answers" | "silent";

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

export interface RefundRequest {
  /** Ours; the institution's idempotency key of this refund. A repeat carries the same one. */
  readonly refundId: string;
  readonly paymentId: string;
  readonly orderId: string;
  /** What goes back now. All refunds of a payment together never exceed `totalMinor`. */
  readonly amountMinor: number;
  /** What was paid; several institutions want to hear it again. */
  readonly totalMinor: number;
  readonly currency: string;
  /** Shown to the payer where the institution does so. */
  readonly reason?: string;
}

/** A `ChargeRequest` fits. */
export type CloseRequest = Pick<ChargeRequest, "paymentId" | "orderId">;

export interface ChannelAnswer<Result extends string = ChannelResult> {
  readonly result: Result;
  /** The institution's own number for the payment, or for the refund when that was asked. */
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

/** What an institution offers beyond paying and asking, without which it could not be a channel. */
export type ChannelOperation = "charge" | "inquire" | "refund" | "close" | "callback";

/** When the breaker of a channel trips, and for how long. Declines never count: they are answers. */
export interface BreakerSettings {
  /** Trips when at least this share of the calls in the window failed; above 0, at most 1. */
  readonly failureRatio: number;
  /** Fewer calls than this in the window prove nothing. */
  readonly minimumCalls: number;
  readonly windowMs: number;
  /** How long nothing is sent before the institution is asked whether it answers again. */
  readonly openForMs: number;
}

/**
 * How an undecided payment is asked about. `afterMs`: the pause before each inquiry but the first, one after the other,
 * the last one repeats. `unknownMax`: after so many inquiries that brought no certainty a person is asked; inquiries that
 * said `pending` do not count, for then the institution knows.
 */
export interface InquirySchedule {
  readonly afterMs: readonly number[];
  readonly unknownMax: number;
}

/**
 * `channel.json`: what routing and the runtime need to know without running the driver. The queues are not among it,
 * because they follow from the name: `channel.<name>` and `channel.<name>.follow`.
 */
export interface ChannelManifest {
  /** Its name, that of its folder. */
  readonly channel: string;
  readonly title: string;
  readonly methods: readonly string[];
  readonly currencies: readonly string[];
  readonly operations: readonly ChannelOperation[];
  readonly amountMinorMin: number;
  readonly amountMinorMax: number;
  /** Its share of what a rule leaves open, beside the weights of the other candidates. 0: only when named. */
  readonly weight: number;
  /** What a payment costs: hundredths of a per cent of the amount, at least `feeMinorMin`. */
  readonly feeBps: number;
  readonly feeMinorMin: number;
  /** One call, connect to last byte. Must be below the send window. */
  readonly callTimeoutMs: number;
  /** For this long after sending, "no such payment" does not count. */
  readonly graceMs: number;
  /** Default: the times of the flow. */
  readonly inquiry?: InquirySchedule;
  readonly concurrencyMax: number;
  readonly breaker: BreakerSettings;
}

/**
 * No operation rejects for what the institution or the network does: that is a result. Each stops when `signal`
 * aborts; aborted before the call is `notSent`.
 */
export interface ChannelDriver {
  readonly manifest: ChannelManifest;
  charge(request: ChargeRequest, signal: AbortSignal): Promise<ChannelAnswer>;
  inquire(request: ChargeRequest, signal: AbortSignal): Promise<ChannelAnswer<InquiryResult>>;
  /** `declined` also when more was asked for than is left of the payment, or when there is no such payment. */
  refund(request: RefundRequest, signal: AbortSignal): Promise<ChannelAnswer>;
  /** `absent`: the institution has executed no refund of that id, whether it never came or was refused. */
  inquireRefund(request: RefundRequest, signal: AbortSignal): Promise<ChannelAnswer<InquiryResult>>;
  close(request: CloseRequest, signal: AbortSignal): Promise<ChannelAnswer<CloseResult>>;
  callback(callback: CallbackIn): CallbackOut;
  /** The cheapest question there is, say an inquiry about a payment that cannot exist: does it answer at all? */
  probe(signal: AbortSignal): Promise<ChannelAnswer<ProbeResult>>;
  /** Gives up its connections. Waits for calls under way; each ends within `callTimeoutMs`. */
  dispose(): Promise<void>;
}

export type BreakerState = "closed" | "open" | "half-open";

/** What one process has seen of a channel's charges lately (the breaker's `windowMs`). Facts for routing. */
export interface ChannelStats {
  /** Charges that came to an end. */
  readonly calls: number;
  /** Share of them that was approved or is pending: declines lower it, too. 1 while there were no calls. */
  readonly successRatio: number;
  /** Latency of a charge, within about 20 %. 0 while there were no calls. */
  readonly p50Ms: number;
  readonly p95Ms: number;
  /** Charges under way now. */
  readonly inFlight: number;
}
