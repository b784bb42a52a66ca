import { defineAtom } from "../define.js";

/**
 * Tells the topics `refund.refunded` and `refund.failed`, or the one it is given: money that went back past its channel
 * is booked, and is no news for the merchant. Who listens is not its business.
 */
export const refundAnnounce = defineAtom({
  name: "refund.announce",
  version: 2,
  title: "Announce the decided refund",
  effect: "store",
  reads: [
    ...["refundId", "merchantRefundId", "refundStatus", "refundCreatedAt", "refundUpdatedAt"],
    ...["merchantId", "orderId", "merchantOrderId", "orderType", "paymentId", "channel"],
    ...["amount", "currency"],
  ] as const,
  readsIfPresent: ["business", "channelOrderId", "channelRefundId", "reason", "refundError", "notifyUrl"],
  outcomes: { ok: {} },
  params: {
    type: "object",
    properties: { topic: { type: "string", enum: ["refund.byHand"] } },
    additionalProperties: false,
  },
  run: ({ orderType, ...refund }, { id, nowMs, params }) => {
    const eventType = String(params["topic"] ?? `refund.${refund.refundStatus}`);
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
