/** What goes to and fro between the processes and an institution. */
import type { Clock } from "../../engine/ports/clock.js";
import type { Climate } from "./climate.js";
import type { Counts } from "./counts.js";

export type State = "pending" | "approved" | "declined";

/** Something that reached, or left, the institution. */
export interface Call {
  readonly atMs: number;
  readonly by: string;
  readonly operation: "charge" | "inquire" | "close" | "refund" | "inquireRefund";
  readonly channel: string;
  readonly paymentId: string;
  readonly orderId: string;
  /** Of a refund, or an inquiry about one. */
  readonly refundId?: string;
  /** What the caller was told in the end; undefined: nothing, so far. */
  says?: string;
  /** Of an inquiry: what the ledger said when it arrived. */
  truth?: State | "absent";
}

export interface InstitutionOptions {
  readonly channel: string;
  readonly climate: Climate;
  readonly clock: Clock;
  readonly counts: Counts;
  readonly called: (call: Call) => void;
  /** Tells our bridge what became of a payment. */
  readonly callBack: (channel: string, paymentId: string, certain?: boolean) => void;
  readonly isPoison: (orderId: string) => boolean;
}
