/** What a dead letter belongs to, as it stands now. */

export interface LetterRun {
  readonly runId: string;
  readonly flow: string;
  readonly type: string;
  readonly state: string;
  readonly stage: string;
  /** Name of the end state, or why it is parked. */
  readonly reason: string;
}

export interface LetterOrder {
  readonly orderId: string;
  readonly merchantId: string;
  readonly merchantOrderId: string;
  readonly status: string;
  readonly amount: number;
  readonly currency: string;
}
