import { defineAtom } from "../define.js";
import { currentView } from "../view.js";

/** Tells the topics `order.paid` and `order.failed`; who listens (the notifier, accounting ...) is not its business. */
export const orderAnnounce = defineAtom({
  name: "order.announce",
  version: 2,
  title: "Announce the decided order",
  effect: "store",
  reads: [
    "merchantId",
    "orderId",
    "merchantOrderId",
    "type",
    "amount",
    "currency",
    "subject",
    "orderStatus",
    "orderCreatedAt",
    "orderUpdatedAt",
    "paymentId",
    "channel",
  ],
  readsIfPresent: ["channelOrderId", "business", "method", "notifyUrl", "metadata", "problem"],
  outcomes: { ok: {} },
  run: (fields, { id, nowMs }) => ({
    outcome: "ok",
    events: [
      {
        topic: `order.${fields.orderStatus}`,
        fields: {
          notificationId: id(),
          eventType: `order.${fields.orderStatus}`,
          eventAt: nowMs,
          ...currentView(fields),
        },
      },
    ],
  }),
});
