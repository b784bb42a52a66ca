import { defineAtom } from "../define.js";

/** Tells the topics `refund.refunded` and `refund.failed`; who listens is not its business. */
export const refundAnnounce = defineAtom({
  name: "refund.announce",
  version: 1,
  title: "Announce the decided refund",
  effect: "store",
  reads: [
    ...["refundId", "merchantRefundId", "refundStatus", "refundCreatedAt", "refundUpdatedAt"],
    ...["merchantId", "orderId", "merchantOrderId", "orderType", "paymentId", "channel"],
    ...["amount", "currency"],
  ] as const,
  readsIfPresent: ["business", "channelOrderId", "channelRefundId", "reason", "refundError", "notifyUrl"],
  outcomes: { ok: {} },
  run: ({ orderType, ...refund }, { id, nowMs }) => {
    const eventType = `refund.${refund.refundStatus}`;
    return {
      outcome: "ok",
      events: [
        {
          topic: eventType,
          fields: { type: orderType, notificationId: id(), eventType, eventAt: nowMs, ...refund },
        },
      ],
    };
  },
});
