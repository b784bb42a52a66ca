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
  /** What operators did to the order, oldest first. */
  readonly operatorActions: readonly OperatorAction[];
  /** What an operator can do now, and why not the rest. */
  readonly actions: readonly PossibleAction[];
  readonly timeline: readonly StoryEvent[];
}

/** What an operator can do to an order. */
export type OrderActionName = "inquire" | "resend" | "refund" | "close" | "release";

export interface OperatorAction {
  readonly actionId: string;
  readonly action: OrderActionName;
  readonly author: string;
  readonly reason: string;
  readonly atMs: number;
  /** What was asked for, and what was answered. */
  readonly input: Row;
  readonly answer: Row;
}

/** Why an action is possible or not; a page has words for each in its own language. */
export type ActionCode =
  | "can"
  // inquire
  | ("asked-recently" | "decided" | "parked" | "under-way" | "nothing-sent")
  // resend
  | ("none-sent" | "still-sending" | "sent-too-often")
  // refund
  | ("not-paid" | "nothing-left")
  // close
  | ("paid" | "closed" | "closing")
  // release
  | "none-parked"
  // every one of them
  | "not-logged";

export interface PossibleAction {
  readonly action: OrderActionName;
  readonly possible: boolean;
  readonly code: ActionCode;
  /** What it would do, or why it cannot be done, for people. */
  readonly why: string;
  /** What it is about: a notification (`resend`) or a run (`release`). */
  readonly target?: string;
  /** `refund`: what can still be given back. */
  readonly amountMinorMax?: number;
  /** `inquire` that was asked for a moment ago: when it may be asked for again. */
  readonly againInMs?: number;
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
  /** A `waiting` run that asks the channel when its time is over: it can be told to ask at once. */
  readonly asksNext?: boolean;
  /** The stages a `parked` run may be let go on in, by name. */
  readonly mayGoOnIn?: readonly StoryStage[];
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
}

/** A stage a person may send a run to. */
export interface StoryStage {
  readonly stage: string;
  readonly transaction: string;
  /** It calls a channel with a request that moves money: whoever goes on there has to name it. */
  readonly sends: boolean;
  /** It asks the institution what has become of a request. */
  readonly asks: boolean;
  /** Fields by which a person decides there, each with its title (`FieldSpec.decision`). */
  readonly decisions: Readonly<Record<string, string>>;
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
  /** The run that first sent it. */
  readonly runId: string;
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
 * `signal`: something was told to a run. `dead-letter`: a message was given up. `operator`: a person acted.
 */
export interface StoryEvent {
  readonly kind: "accepted" | "intent" | "barrier" | "transaction" | "signal" | "dead-letter" | "operator";
  readonly atMs: number;
  /** Milliseconds since the order's first run was accepted. */
  readonly offsetMs: number;
  readonly runId: string;
  readonly flow: string;
  readonly stage?: string;
  /** Name of the transaction, of the signal or of the operator's action. */
  readonly name?: string;
  readonly hop?: number;
  readonly queueWaitMs?: number;
  /** How long its steps took, or for how long it waited; milliseconds. */
  readonly tookMs?: number;
  /** Who acted and why; of an `operator` only. */
  readonly by?: { readonly author: string; readonly reason: string };
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
