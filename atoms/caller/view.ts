/** The fields of an order that its merchant sees, in answers and in notifications. */
import type { FieldName } from "../fields.js";

export const orderView = [
  "orderId",
  "merchantOrderId",
  "channelOrderId",
  "type",
  "orderStatus",
  "amount",
  "currency",
  "channel",
  "action",
  "problem",
  "orderCreatedAt",
  "orderUpdatedAt",
] as const satisfies readonly FieldName[];
