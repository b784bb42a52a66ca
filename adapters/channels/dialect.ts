/**
 * What a channel over HTTP has of its own: how it writes a question, how it reads an answer, and what the answer's
 * codes mean. `http-driver.ts` does the rest, the same for every channel.
 */
import type {
  Action,
  CallbackReply,
  ChannelResult,
  ChargeRequest,
  CloseRequest,
  CloseResult,
  InquiryResult,
  RefundRequest,
} from "../../engine/ports/channel.js";
import type { Row } from "../../engine/ports/store.js";

export type Json = Readonly<Record<string, unknown>>;
/** Names in lower case. */
export type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;

/** What each operation is asked with. */
export interface Asked {
  readonly charge: ChargeRequest;
  readonly inquire: Pick<ChargeRequest, "paymentId">;
  readonly refund: RefundRequest;
  readonly inquireRefund: Pick<RefundRequest, "refundId" | "paymentId">;
  readonly close: CloseRequest;
}
export type Operation = keyof Asked;

/** A question as it goes out: always a POST, signed. */
export interface Outgoing {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export interface Received {
  readonly headers: Headers;
  readonly body: Buffer;
}

/** What the institution said, in our words. What it did not say is absent. */
export interface Told {
  readonly code: string;
  readonly message?: string;
  readonly paymentId?: string;
  readonly refundId?: string;
  readonly channelOrderId?: string;
  readonly amountMinor?: number;
  readonly currency?: string;
  readonly action?: Action;
  /** Its own fields worth keeping as evidence. Name what is kept, never what is left out. */
  readonly shown: Row;
}

/** Not trusted: `forged` when the signature does not hold, else it cannot be read. `why` is for evidence. */
export type Heard =
  | { readonly trusted: true; readonly told: Told }
  | { readonly trusted: false; readonly forged: boolean; readonly why: string };

/** The institution's code -> what it means. A code that is not here is `unknown`. */
export type Results<Result> = Readonly<Record<string, Result>>;

export interface StatusMap {
  readonly charge: Results<ChannelResult>;
  readonly inquire: Results<InquiryResult>;
  readonly refund: Results<ChannelResult>;
  readonly inquireRefund: Results<InquiryResult>;
  readonly close: Results<CloseResult>;
  readonly callback: Results<ChannelResult>;
}

export interface Dialect {
  readonly results: StatusMap;
  /** One function per operation: its question, signed for this moment. */
  readonly ask: { readonly [O in Operation]: (asked: Asked[O], nowMs: number) => Outgoing };
  /** Reads the answer to `sent`. */
  hear(sent: Outgoing, received: Received, nowMs: number): Heard;
  /** Reads a callback. Its age is not judged: it was kept durably before, and a repeat states the same fact. */
  hearCallback(received: Received): Heard;
  /** What the institution wants to hear: taken; signature refused; signed, but it cannot be understood. */
  readonly replies: Readonly<Record<"taken" | "forged" | "unreadable", CallbackReply>>;
}
