/** What the admin API serves about orders: finding, explaining, acting. */
import type { OrderActionName, OrderPage, OrderQuery, OrderStory } from "../../../engine/ports/index.js";
import type { Author } from "../../../engine/ports/author.js";

/** What an operator asks for; `actionId` names the request, so that a repeat of it does nothing twice. */
export type AskedAction = { readonly actionId: string; readonly by: Author } & (
  | { readonly action: "inquire" | "close" }
  /** Absent: the order's only notification. */
  | { readonly action: "resend"; readonly notificationId?: string }
  /** Absent: all that is left; a number of ours. */
  | { readonly action: "refund"; readonly amountMinor?: number; readonly merchantRefundId?: string }
);

export interface AskedRelease {
  readonly runId: string;
  readonly actionId: string;
  /** Default: where it was parked. */
  readonly stage?: string;
  /** Fields by which a person decides (`StoryStage.decisions`). */
  readonly decided?: Readonly<Record<string, unknown>>;
  readonly by: Author;
}

/** What was set going; what comes of it is in the order's story. */
export interface ActionDone {
  readonly actionId: string;
  readonly action: OrderActionName;
  /** Absent for a run that is about no order. */
  readonly orderId?: string;
  /** What will happen, for people. */
  readonly will: string;
  /** The run that was started or let go on. */
  readonly runId?: string;
  readonly refundId?: string;
  /** `release`: where it goes on. */
  readonly stage?: string;
  readonly queue?: string;
  /** This very action was asked for before; nothing was done a second time. */
  readonly repeated: boolean;
}

export interface OrderServices {
  /** @throws ValenceError `search_too_wide` */
  search(query: OrderQuery): Promise<OrderPage>;
  /** By our id or by the merchant's. */
  story(orderIdOrReference: string): Promise<OrderStory | undefined>;
  /**
   * @throws ValenceError `not_found`, `action_impossible`, `asked_too_soon`, `action_mismatch`, `field_invalid`,
   *   `refund_exceeds_payment`, `accept_unconfirmed` (ask again with the same `actionId`)
   */
  act(orderId: string, asked: AskedAction): Promise<ActionDone>;
  /**
   * Lets a parked run go on.
   * @throws ValenceError `not_found`, `run_not_parked`, `field_invalid`, `action_mismatch`, `accept_unconfirmed`
   */
  release(asked: AskedRelease): Promise<ActionDone>;
}
