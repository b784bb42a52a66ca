import { defineAtom } from "../define.js";
import { orderBody } from "./body.js";
import { deliver, deliverMayRead, deliverOutcomes, deliverReads } from "./deliver.js";

/**
 * Delivers one notification (Standard Webhooks). Repeating it is harmless: the merchant drops duplicates by
 * `webhook-id`, which is the notification's id on every attempt, so no intent is needed.
 */
export const notifySend = defineAtom({
  name: "notify.send",
  version: 1,
  title: "Notify the merchant",
  effect: "external",
  idempotentBy: "notificationId",
  reads: [
    ...deliverReads,
    "orderId",
    "merchantOrderId",
    "type",
    "orderStatus",
    "amount",
    "currency",
    "channel",
    "orderCreatedAt",
    "orderUpdatedAt",
  ],
  readsIfPresent: [...deliverMayRead, "channelOrderId", "metadata", "problem"],
  outcomes: deliverOutcomes,
  run: (input, context) => deliver(input, orderBody(input), context),
});
