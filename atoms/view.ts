/** The fields of an order that its merchant sees, in answers and in notifications. */
import { add } from "../engine/rows.js";
import type { FieldName, Fields } from "./fields.js";

export const orderView = [
  "orderId",
  "merchantOrderId",
  "channelOrderId",
  "type",
  "orderStatus",
  "amount",
  "currency",
  "refundedAmount",
  "channel",
  "action",
  "problem",
  "orderCreatedAt",
  "orderUpdatedAt",
] as const satisfies readonly FieldName[];

/** The fields of a refund that its merchant sees. */
export const refundView = [
  "refundId",
  "merchantRefundId",
  "orderId",
  "merchantOrderId",
  "channelRefundId",
  "amount",
  "currency",
  "refundStatus",
  "reason",
  "refundError",
  "refundCreatedAt",
  "refundUpdatedAt",
] as const satisfies readonly FieldName[];

/**
 * Leaves out what a run still carries from earlier and its order no longer has: the next step of a payer who has
 * paid, or why no channel could be reached a minute ago. An order without a status was never logged: its problem is
 * the answer.
 */
export function currentView<F extends Partial<Pick<Fields, "orderStatus" | "action" | "problem">>>(
  fields: F,
): F {
  const { orderStatus, action, problem, ...rest } = fields;
  const isFailed = orderStatus === undefined || orderStatus === "failed";
  const view: Partial<Pick<Fields, "orderStatus" | "action" | "problem">> = {};
  if (orderStatus !== undefined) view.orderStatus = orderStatus;
  if (action !== undefined && orderStatus === "requires_action") view.action = action;
  if (problem !== undefined && isFailed) view.problem = problem;
  add(view, rest);
  return view as F;
}
