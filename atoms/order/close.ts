import type { Write } from "../../engine/ports/store.js";
import { defineAtom } from "../define.js";
import { unpaidOrderStatuses } from "../statuses.js";

/**
 * Closes an unpaid order. The guards: it is still unpaid, no attempt was opened that nobody looked at, and a payment
 * that had not been sent has not been sent since. A later success does not open it again by itself; see
 * `payment.late`. The run that pays it is told, wherever it waits.
 */
export const orderClose = defineAtom({
  name: "order.close",
  version: 1,
  title: "Close the order",
  effect: "store",
  guarded: true,
  reads: ["orderId", "paymentId", "paymentStatus", "attempt", "payingRunId"],
  readsIfPresent: ["closeReason"],
  outcomes: { ok: { writes: ["orderStatus", "orderUpdatedAt"] } },
  run: ({ orderId, paymentId, paymentStatus, attempt, payingRunId, closeReason = "merchant" }, { nowMs }) => {
    const order: Write = {
      kind: "transition",
      table: "orders",
      key: { orderId },
      from: [...unpaidOrderStatuses, "failed"],
      to: "closed",
      match: { attempts: attempt },
      set: { closeReason, action: null, updatedAt: nowMs },
    };
    const unsent: Write = {
      kind: "transition",
      table: "payments",
      key: { paymentId },
      from: ["created", "notSent"],
      to: "closed",
      set: { evidence: { by: "close", result: "notSent", at: nowMs }, updatedAt: nowMs },
    };
    const wasSent = paymentStatus !== "created" && paymentStatus !== "notSent";
    return {
      outcome: "ok",
      fields: { orderStatus: "closed", orderUpdatedAt: nowMs },
      writes: wasSent ? [order] : [order, unsent],
      signals: [{ runId: payingRunId, signal: "order.closed", fields: {} }],
    };
  },
});
