import { defineAtom } from "../define.js";
import { refundBody } from "./refund-body.js";
import { deliver, deliverMayRead, deliverOutcomes, deliverReads } from "./deliver.js";

/** Delivers one notification about a refund, as `notify.send` does about an order. */
export const notifyRefund = defineAtom({
  name: "notify.refund",
  version: 1,
  title: "Notify the merchant of a refund",
  effect: "external",
  idempotentBy: "notificationId",
  reads: [
    ...deliverReads,
    "refundId",
    "merchantRefundId",
    "orderId",
    "merchantOrderId",
    "amount",
    "currency",
    "refundStatus",
    "refundCreatedAt",
    "refundUpdatedAt",
  ],
  readsIfPresent: [...deliverMayRead, "channelRefundId", "reason", "refundError"],
  outcomes: deliverOutcomes,
  run: (input, context) => deliver(input, refundBody(input), context),
});
