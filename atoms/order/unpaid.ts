import { defineAtom } from "../define.js";
import { isUnpaidOrder } from "../statuses.js";

/**
 * Looks whether the order still wants the payment, before it is sent once more. An order that was decided meanwhile,
 * by a person or another attempt, is not charged for; what is left of this payment a person looks at.
 */
export const orderUnpaid = defineAtom({
  name: "order.unpaid",
  version: 1,
  title: "The order still wants to be paid",
  effect: "pure",
  readsRows: true,
  reads: ["orderId"],
  outcomes: { ok: {}, decided: {} },
  run: async ({ orderId }, { ports }) => {
    const order = await ports.rows.find("orders", { orderId });
    if (!order) throw new Error(`order ${orderId} cannot be found`);
    return { outcome: isUnpaidOrder(order) ? "ok" : "decided" };
  },
});
