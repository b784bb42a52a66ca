/** Finding orders among millions: what can be asked, and what comes back. */

/** Every part narrows; absent parts do not. */
export interface OrderQuery {
  /**
   * Any number somebody may hold: of the order (ours, the merchant's, the channel's), of a payment, a refund (ours,
   * the merchant's) or a run.
   */
  readonly number?: string;
  readonly merchantId?: string;
  readonly type?: string;
  /** Any of them. */
  readonly statuses?: readonly string[];
  /** The channel that carries the order now. */
  readonly channel?: string;
  /** When the order was accepted: from this moment on; before that one. Epoch milliseconds. */
  readonly fromMs?: number;
  readonly toMs?: number;
  readonly amountMinorMin?: number;
  readonly amountMinorMax?: number;
  readonly attention?: OrderAttention;
  /** Where the page before ended (`OrderPage.next`). */
  readonly after?: string;
  /** Orders on the page. */
  readonly limit: number;
}

/**
 * `parked`: a run of the order waits for a person. `stuck`: a run has been under way for a minute without moving, or
 * its timer is a minute overdue.
 */
export type OrderAttention = "parked" | "stuck";

export interface FoundOrder {
  readonly orderId: string;
  readonly merchantId: string;
  readonly merchantOrderId: string;
  readonly channelOrderId?: string;
  readonly type: string;
  readonly status: string;
  readonly amountMinor: number;
  readonly currency: string;
  readonly refundedMinor: number;
  readonly channel?: string;
  /** When the bridge accepted it. */
  readonly acceptedAtMs: number;
  readonly updatedAtMs: number;
  /** A run of it waits for a person. */
  readonly parked: boolean;
}

/** Newest first. */
export interface OrderPage {
  readonly orders: readonly FoundOrder[];
  /** Goes on where this page ends; absent when there is nothing more. */
  readonly next?: string;
  /** A search that looks at much and finds little stops after a while: this is how far back it has looked. */
  readonly searchedBackToMs?: number;
}

export interface OrderSearch {
  /** @throws BatchError `transient` when the database gave up on it */
  search(query: OrderQuery): Promise<OrderPage>;
}
