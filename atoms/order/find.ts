import { defineAtom } from "../define.js";
import { problemField } from "../problem.js";
import {
  latestPayment,
  orderFields,
  orderRowFields,
  orderRowMayFields,
  paymentFields,
  paymentRowFields,
  paymentRowMayFields,
} from "../rows.js";

/** Reads an order of the merchant and its latest payment. What belongs to somebody else does not exist for him. */
export const orderFind = defineAtom({
  name: "order.find",
  version: 1,
  title: "Find the merchant's order and its latest payment",
  effect: "pure",
  readsRows: true,
  reads: ["merchantId", "orderId"],
  outcomes: {
    ok: {
      writes: [...orderRowFields, ...paymentRowFields],
      mayWrite: [...orderRowMayFields, ...paymentRowMayFields],
    },
    rejected: { writes: ["problem"] },
  },
  run: async ({ merchantId, orderId }, { ports }) => {
    const order = await ports.rows.find("orders", { orderId });
    if (!order || order["merchantId"] !== merchantId) {
      return { outcome: "rejected", fields: { problem: problemField("not_found", "no such order") } };
    }
    const payment = await latestPayment(ports.rows, order);
    if (!payment) throw new Error(`order ${orderId} has no payment`);
    return { outcome: "ok", fields: { ...orderFields(order), ...paymentFields(payment) } };
  },
});
