/** Orders: the calls of the admin API and what they answer with. */
import type { ChangedBy } from "../shared/ReasonDialog";
import { get, post, segment } from "./client";

export type OrderStatus =
  "processing" | "requires_action" | "paid" | "failed" | "closed" | "refunded" | "partially_refunded";

export const orderStatuses: readonly OrderStatus[] = [
  ...(["processing", "requires_action", "paid", "failed", "closed"] as const),
  ...(["refunded", "partially_refunded"] as const),
];

/** What an order can be searched by, as the API's query has it; an absent part does not narrow. */
export interface OrderFilters {
  /** Any number somebody holds: the order's, the merchant's, the channel's, a payment's, a refund's, a run's. */
  readonly number?: string;
  readonly merchantId?: string;
  readonly type?: string;
  /** Several, separated by commas. */
  readonly status?: string;
  readonly channel?: string;
  /** ISO 8601. */
  readonly from?: string;
  readonly to?: string;
  /** Minor units. */
  readonly amountMin?: string;
  readonly amountMax?: string;
  readonly attention?: string;
}

export const filterNames = [
  ...(["number", "merchantId", "type", "status", "channel", "from", "to"] as const),
  ...(["amountMin", "amountMax", "attention"] as const),
] satisfies readonly (keyof OrderFilters)[];

export interface FoundOrder {
  readonly orderId: string;
  readonly merchantId: string;
  readonly merchantOrderId: string;
  readonly channelOrderId?: string;
  readonly type: string;
  readonly status: OrderStatus;
  readonly amountMinor: number;
  readonly currency: string;
  readonly refundedMinor: number;
  readonly channel?: string;
  readonly acceptedAtMs: number;
  readonly updatedAtMs: number;
  /** A run of it waits for a person. */
  readonly parked: boolean;
}

export interface OrderPage {
  readonly orders: readonly FoundOrder[];
  /** Where the next page begins; absent when there is none. */
  readonly next?: string;
  /** The search has stopped here for now; it goes on from `next`. */
  readonly searchedBackToMs?: number;
}

type Fields = Readonly<Record<string, unknown>>;

export interface Problem {
  readonly code: string;
  readonly detail: string;
}

export interface StoryOrder {
  readonly status: OrderStatus;
  readonly amountMinor: number;
  readonly currency: string;
  readonly refundedMinor: number;
  readonly paidBy?: string;
  readonly error?: Problem;
  /** Of the order as it was asked for, masked. */
  readonly fields: Fields;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
}

export interface StoryPayment {
  readonly paymentId: string;
  readonly attempt: number;
  readonly channel: string;
  readonly channelOrderId?: string;
  readonly routeRule?: string;
  readonly status: string;
  readonly surplus?: boolean;
  readonly amountMinor: number;
  readonly currency: string;
  readonly refundReservedMinor: number;
  readonly refundedMinor: number;
  readonly evidence?: Fields;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
}

export interface StoryRefund {
  readonly refundId: string;
  readonly merchantRefundId: string;
  readonly channel: string;
  readonly channelRefundId?: string;
  readonly status: string;
  readonly amountMinor: number;
  readonly currency: string;
  readonly evidence?: Fields;
  readonly error?: Problem;
  readonly settledAtMs?: number;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
}

/** A stage a person may send a parked run to. */
export interface StoryStage {
  readonly stage: string;
  readonly transaction: string;
  /** Money moves there. */
  readonly sends: boolean;
  readonly asks: boolean;
  /** Field -> what it is: what a person has to say there. */
  readonly decisions: Readonly<Record<string, string>>;
}

export interface StoryRun {
  readonly runId: string;
  readonly flow: string;
  readonly title?: string;
  readonly state: "open" | "waiting" | "parked" | "ended";
  readonly stage: string;
  /** End state, what it waits for, or why it is parked. */
  readonly reason: string;
  readonly problem?: Problem;
  readonly carriedBy: readonly (
    | { readonly kind: "message"; readonly queue: string; readonly state: string; readonly atMs: number }
    | { readonly kind: "timer"; readonly signal: string; readonly dueAtMs: number }
  )[];
  readonly mayGoOnIn?: readonly StoryStage[];
  readonly createdAtMs: number;
}

export interface StoryNotification {
  readonly notificationId: string;
  readonly event: string;
  readonly url: string;
  readonly status: string;
  readonly attempts: number;
  /** HTTP status, 0 when nobody answered. */
  readonly answerStatus?: number;
  readonly answerDetail?: string;
  readonly updatedAtMs: number;
}

export interface StoryStep {
  readonly atom: string;
  readonly outcome: string;
  readonly elapsedMs: number;
  readonly inquired?: boolean;
  /** The exchange with a channel, masked. */
  readonly trace?: Fields;
}

export interface StoryEvent {
  readonly kind: "accepted" | "intent" | "barrier" | "transaction" | "signal" | "dead-letter" | "operator";
  readonly atMs: number;
  readonly offsetMs: number;
  readonly runId: string;
  readonly flow: string;
  readonly stage?: string;
  readonly name?: string;
  readonly queueWaitMs?: number;
  readonly tookMs?: number;
  readonly by?: { readonly author: string; readonly reason: string };
  readonly outcome?: string;
  readonly steps: readonly StoryStep[];
  readonly next?: string;
  readonly fields: Fields;
}

export type ActionName = "inquire" | "resend" | "refund" | "close" | "release";

export interface PossibleAction {
  readonly action: ActionName;
  readonly possible: boolean;
  /** `can`, or why not; a page has words for each. */
  readonly code: string;
  /** The same in the API's words. */
  readonly why: string;
  /** A notification (`resend`) or a run (`release`). */
  readonly target?: string;
  readonly amountMinorMax?: number;
  readonly againInMs?: number;
}

export interface OrderStory {
  readonly orderId: string;
  readonly order?: StoryOrder;
  readonly because: string;
  readonly payments: readonly StoryPayment[];
  readonly refunds: readonly StoryRefund[];
  readonly runs: readonly StoryRun[];
  readonly notifications: readonly StoryNotification[];
  readonly deadLetters: readonly {
    readonly messageId: string;
    readonly queue: string;
    readonly reason: string;
  }[];
  /** What operators did to it, oldest first. */
  readonly operatorActions: readonly { readonly atMs: number }[];
  readonly actions: readonly PossibleAction[];
  readonly timeline: readonly StoryEvent[];
}

export interface ActionDone {
  readonly actionId: string;
  readonly will: string;
  readonly repeated: boolean;
}

/** What every action carries; `actionId` makes a repeat of it harmless. */
export interface AskedAction extends ChangedBy {
  readonly actionId: string;
}

const path = "/orders";

export const searchOrders = (
  filters: OrderFilters,
  after: string | undefined,
  signal?: AbortSignal,
): Promise<OrderPage> =>
  get<OrderPage>(path, { query: { ...filters, after, limit: 50 }, ...(signal ? { signal } : {}) });

export const fetchStory = (id: string, signal?: AbortSignal): Promise<OrderStory> =>
  get<OrderStory>(`${path}/${segment(id)}`, signal ? { signal } : {});

export const actOn = (
  orderId: string,
  action: Exclude<ActionName, "release">,
  asked: AskedAction & {
    readonly amount?: number;
    readonly notificationId?: string;
  },
): Promise<ActionDone> => post<ActionDone>(`${path}/${segment(orderId)}/${action}`, asked);

export const releaseRun = (
  runId: string,
  asked: AskedAction & { readonly stage?: string; readonly decided?: Fields },
): Promise<ActionDone> => post<ActionDone>(`/runs/${segment(runId)}/release`, asked);
