/** Everything that is known about one order, told in the order in which it happened. Sensitive fields are masked. */
import type { Problem } from "../errors.js";
import type { Row } from "./store.js";

export interface OrderStory {
  readonly orderId: string;
  /** Absent when no run has logged the order: it is on its way, or it was rejected. */
  readonly order?: StoryOrder;
  /** Why the order is in its state, in one sentence with the proof. */
  readonly because: string;
  readonly payments: readonly StoryPayment[];
  readonly refunds: readonly StoryRefund[];
  readonly runs: readonly StoryRun[];
  readonly notifications: readonly StoryNotification[];
  readonly deadLetters: readonly StoryDeadLetter[];
  readonly timeline: readonly StoryEvent[];
}

export interface StoryOrder {
  readonly status: string;
  readonly amountMinor: number;
  readonly currency: string;
  /** Of `amountMinor`; what is under way is not in it. */
  readonly refundedMinor: number;
  /** The attempt that paid it. */
  readonly paidBy?: string;
  readonly error?: Problem;
  /** The rest, by names of the data dictionary. */
  readonly fields: Row;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
}

export interface StoryPayment {
  readonly paymentId: string;
  readonly attempt: number;
  readonly channel: string;
  /** The channel's own number. */
  readonly channelOrderId?: string;
  /** The routing rule that chose the channel. */
  readonly routeRule?: string;
  readonly status: string;
  readonly amountMinor: number;
  readonly currency: string;
  /** Taken by refunds, those under way included; and of that, what was refunded. */
  readonly refundReservedMinor: number;
  readonly refundedMinor: number;
  /** What proves the status: who said it (reply, inquiry, callback), what, and when. */
  readonly evidence?: Row;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
}

export interface StoryRefund {
  readonly refundId: string;
  readonly merchantRefundId: string;
  /** The attempt it gives back. */
  readonly paymentId: string;
  readonly channel: string;
  /** The channel's own number of the refund. */
  readonly channelRefundId?: string;
  readonly status: string;
  readonly amountMinor: number;
  readonly currency: string;
  readonly reason?: string;
  /** What proves the status: who said it (reply, inquiry), what, and when. */
  readonly evidence?: Row;
  readonly error?: Problem;
  /** When the sums of payment and order were brought up to date. */
  readonly settledAtMs?: number;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
}

export interface StoryRun {
  readonly runId: string;
  readonly flow: string;
  readonly title?: string;
  readonly type: string;
  readonly planHash: string;
  /** `open`, `waiting`, `parked`, `ended`. */
  readonly state: string;
  /** Where it stands; for `ended` and `parked` where it was. */
  readonly stage: string;
  /** End state, what it waits for, or why it is parked. */
  readonly reason: string;
  readonly problem?: Problem;
  /** What carries the run on: its message, its timer. A `parked` run has neither, it has a person. */
  readonly carriedBy: readonly StoryCarrier[];
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
}

export type StoryCarrier =
  | {
      readonly kind: "message";
      readonly queue: string;
      readonly state: "ready" | "delayed" | "leased";
      readonly deliveries: number;
      /** Since when it is ready; until when it is delayed or leased. */
      readonly atMs: number;
    }
  | { readonly kind: "timer"; readonly signal: string; readonly dueAtMs: number };

export interface StoryNotification {
  readonly notificationId: string;
  readonly event: string;
  readonly url: string;
  readonly status: string;
  readonly attempts: number;
  /** HTTP status of the last answer, 0 when there was none. */
  readonly answerStatus?: number;
  readonly answerDetail?: string;
  readonly updatedAtMs: number;
}

export interface StoryDeadLetter {
  readonly messageId: string;
  readonly queue: string;
  readonly runId: string;
  readonly reason: string;
  readonly deliveries: number;
  readonly diedAtMs: number;
}

/**
 * `accepted`: a run began. `intent`, `barrier`: durable points inside a transaction. `transaction`: it ended.
 * `signal`: something was told to a run. `dead-letter`: a message was given up.
 */
export interface StoryEvent {
  readonly kind: "accepted" | "intent" | "barrier" | "transaction" | "signal" | "dead-letter";
  readonly atMs: number;
  /** Milliseconds since the order's first run was accepted. */
  readonly offsetMs: number;
  readonly runId: string;
  readonly flow: string;
  readonly stage?: string;
  /** Name of the transaction, or of the signal. */
  readonly name?: string;
  readonly hop?: number;
  readonly queueWaitMs?: number;
  /** Outcome of the transaction, state of the signal, reason of the dead letter. */
  readonly outcome?: string;
  /** Steps since the durable point before this one. */
  readonly steps: readonly StoryStep[];
  /** `stage:settle`, `wait:await`, `end:paid`, `park:undecided`. */
  readonly next?: string;
  /** What it wrote, masked. */
  readonly fields: Row;
}

export interface StoryStep {
  readonly atom: string;
  readonly outcome: string;
  readonly elapsedMs: number;
  /** It asked what an earlier call had done instead of calling again. */
  readonly inquired?: boolean;
  /** The exchange with a channel, masked by its driver. */
  readonly trace?: Row;
}

export interface StoryTeller {
  /** By our id or by the merchant's; undefined when nothing is known under it. */
  story(orderIdOrReference: string): Promise<OrderStory | undefined>;
}
