/** How a simulated institution is spoken to: the other end of a `Dialect`, in the institution's own words. */
import type { Headers, Json } from "./dialect.js";

export const institutionOperations = ["pay", "query", "refund", "refund-query", "close", "bill"] as const;
export type InstitutionOperation = (typeof institutionOperations)[number];

/** What the institution means; its dialect says it in codes of its own. */
export type Code =
  | "APPROVED"
  | "DECLINED"
  | "WAITING_PAYER"
  | "NOT_FOUND"
  | "CLOSED"
  | "ALREADY_PAID"
  | "REFUNDED"
  | "REFUND_EXCEEDS"
  | "INVALID_REQUEST"
  | "BAD_SIGNATURE"
  | "OK";

/**
 * `paymentId`, `refundId`, `channelOrderId`, `amount` (minor units), `currency`, `refunded`, `at` (epoch ms), `action`
 * and, for a bill, `day` and `rows`: as far as they apply.
 */
export type Answer = Json & { readonly code: Code; readonly message: string };

export interface Arrived {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  readonly headers: Headers;
  readonly body: Buffer;
}

/** `fields` undefined: genuine, but unreadable. Undefined altogether: nothing of this institution is there. */
export type Understood =
  | { readonly operation: InstitutionOperation; readonly genuine: false; readonly why: string }
  | {
      readonly operation: InstitutionOperation;
      readonly genuine: true;
      /** In the words of `Answer`, amounts in minor units. */
      readonly fields: Json | undefined;
    };

export interface Written {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export interface InstitutionDialect {
  read(arrived: Arrived, nowMs: number): Understood | undefined;
  /** The answer to `target`, signed. */
  answer(operation: InstitutionOperation, target: string, answer: Answer, nowMs: number): Written;
  /** A callback that tells what a query would tell, signed. */
  notice(answer: Answer, nowMs: number): Written;
  /** Has the receiver of a callback taken it? Otherwise it is repeated. */
  noticeTaken(status: number, body: string): boolean;
}
