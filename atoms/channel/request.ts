/** What charge and inquiry tell a channel. */
import type { ChargeRequest } from "../../engine/ports/channel.js";
import type { Fields } from "../fields.js";

export const requestFields = ["orderId", "paymentId", "amount", "currency", "subject", "channel"] as const;

type RequestFields = Pick<Fields, (typeof requestFields)[number]> &
  Partial<Pick<Fields, "method" | "returnUrl">>;

export const chargeRequest = (fields: RequestFields): ChargeRequest => ({
  paymentId: fields.paymentId,
  orderId: fields.orderId,
  amountMinor: fields.amount,
  currency: fields.currency,
  subject: fields.subject,
  method: fields.method,
  returnUrl: fields.returnUrl,
});
