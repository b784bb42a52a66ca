import { defineAtom } from "../define.js";
import { orderBody } from "./body.js";

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
    "notificationId",
    "merchantId",
    "eventType",
    "eventAt",
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
  readsIfPresent: ["notifyUrl", "notificationAttempt", "channelOrderId", "metadata", "problem"],
  outcomes: {
    delivered: { writes: ["notificationAttempt", "answerStatus", "answerDetail"] },
    failed: { writes: ["notificationAttempt", "answerStatus", "answerDetail"] },
    unwanted: {},
  },
  run: async (input, { ports, nowMs, signal }) => {
    if (input.notifyUrl === undefined) return { outcome: "unwanted" };
    const secret = await ports.reference.webhookSecret(input.merchantId);
    const notificationAttempt = (input.notificationAttempt ?? 0) + 1;
    if (secret === undefined) {
      const fields = {
        notificationAttempt,
        answerStatus: 0,
        answerDetail: "the merchant has no webhook secret",
      };
      return { outcome: "failed", fields };
    }
    const answer = await ports.webhooks.send(
      {
        webhookId: input.notificationId,
        url: input.notifyUrl,
        secret,
        timestampS: Math.floor(nowMs / 1000),
        body: JSON.stringify({
          type: input.eventType,
          timestamp: iso(input.eventAt),
          data: orderBody(input),
        }),
      },
      signal,
    );
    const delivered = answer.status >= 200 && answer.status < 300;
    return {
      outcome: delivered ? "delivered" : "failed",
      fields: { notificationAttempt, answerStatus: answer.status, answerDetail: answer.detail.slice(0, 256) },
    };
  },
});

const iso = (epochMs: number): string => new Date(epochMs).toISOString();
