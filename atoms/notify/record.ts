import { defineAtom } from "../define.js";

/**
 * Keeps the state of a notification: `sending` until an attempt is answered with 2xx (`delivered`) or the flow gives
 * up (`failed`, see `notify.abandon`). The first attempt brings the row along, later ones move it.
 */
export const notifyRecord = defineAtom({
  name: "notify.record",
  version: 1,
  title: "Record the merchant's answer",
  effect: "store",
  guarded: true,
  reads: ["notificationId", "orderId", "merchantId", "eventType"],
  readsIfPresent: ["notifyUrl", "notificationAttempt", "answerStatus", "answerDetail"],
  outcomes: { ok: {} },
  run: (input, { nowMs, run }) => {
    const {
      notificationId,
      notificationAttempt: attempts,
      answerStatus = 0,
      answerDetail = "",
      notifyUrl: url,
    } = input;
    // Nothing was attempted: the merchant gave no address.
    if (attempts === undefined || url === undefined) return { outcome: "ok" };
    const status = answerStatus >= 200 && answerStatus < 300 ? "delivered" : "sending";
    const seen = { attempts, answerStatus, answerDetail, updatedAt: nowMs };
    if (attempts > 1) {
      const key = { notificationId };
      return {
        outcome: "ok",
        writes: [
          { kind: "transition", table: "notifications", key, from: ["sending"], to: status, set: seen },
        ],
      };
    }
    const { orderId, merchantId, eventType: event } = input;
    const row = {
      notificationId,
      orderId,
      merchantId,
      runId: run.runId,
      event,
      url,
      status,
      createdAt: nowMs,
      ...seen,
    };
    return { outcome: "ok", writes: [{ kind: "insert", table: "notifications", row, exists: "conflict" }] };
  },
});
