import type { Row, Write } from "../../engine/ports/store.js";
import { defineAtom } from "../define.js";
import { orderAndPayment, refundedMore } from "../rows.js";

/**
 * Adds a refund the channel has executed to its payment, and to its order if this payment is the one that paid it:
 * paid | partially_refunded -> partially_refunded | refunded. A surplus leaves the order as it is.
 *
 * `settledAt` lets each refund count once, whoever settles it. The sums are guarded by what was read: a lost guard
 * means that another refund was counted meanwhile, and the flow looks again.
 */
export const refundSettle = defineAtom({
  name: "refund.settle",
  version: 1,
  title: "Count the refund for payment and order",
  effect: "store",
  readsRows: true,
  guarded: true,
  reads: ["refundId", "orderId", "paymentId", "amount"],
  outcomes: { ok: { writes: ["refundStatus", "refundUpdatedAt"] } },
  run: async ({ refundId, orderId, paymentId, amount }, { ports, nowMs }) => {
    const [order, payment] = await orderAndPayment(ports.rows, orderId, paymentId);
    const writes: readonly Write[] = [
      {
        kind: "transition",
        table: "refunds",
        key: { refundId },
        from: ["approved"],
        to: "approved",
        match: { settledAt: null },
        set: { settledAt: nowMs, updatedAt: nowMs },
      },
      refundedMore(payment, amount, nowMs),
      ...(order["paidBy"] === paymentId ? [ofOrder(order, amount, nowMs)] : []),
    ];
    return { outcome: "ok", fields: { refundStatus: "refunded", refundUpdatedAt: nowMs }, writes };
  },
});

function ofOrder(order: Row, amount: number, nowMs: number): Write {
  const refunded = Number(order["refunded"]);
  return {
    kind: "transition",
    table: "orders",
    key: { orderId: order["orderId"] },
    from: ["paid", "partially_refunded"],
    to: refunded + amount >= Number(order["amount"]) ? "refunded" : "partially_refunded",
    match: { refunded },
    set: { refunded: refunded + amount, updatedAt: nowMs },
  };
}
