import type { Fields } from "../fields.js";
import { defineAtom } from "../define.js";
import { problemField } from "../problem.js";
import { given } from "../rows.js";

/**
 * Reads the order that was there first, if there is one. The same type, amount and currency: the caller gets that order as it is, and
 * no second attempt starts. Anything else is another order under a number already used.
 */
export const orderRecall = defineAtom({
  name: "order.recall",
  version: 2,
  title: "Recall the order already logged under this number",
  effect: "pure",
  readsRows: true,
  reads: ["orderId", "merchantOrderId", "type", "amount", "currency"],
  readsIfPresent: ["problem"],
  outcomes: {
    ok: {
      writes: ["orderStatus", "orderCreatedAt", "orderUpdatedAt", "repeated"],
      mayWrite: ["channel", "channelOrderId", "action", "problem", "refundedAmount"],
    },
    rejected: { writes: ["problem"] },
    /** There is no such order: what this run was refused for stands. */
    absent: {},
  },
  run: async ({ orderId, merchantOrderId, type, amount, currency, problem }, { ports }) => {
    const row = await ports.rows.find("orders", { orderId });
    if (!row && problem === undefined)
      throw new Error(`order ${orderId} lost a conflict but cannot be found`);
    if (!row) return { outcome: "absent" };
    if (row["type"] !== type || row["amount"] !== amount || row["currency"] !== currency) {
      const detail =
        `order ${merchantOrderId} exists with type ${String(row["type"])}, ` +
        `amount ${String(row["amount"])} ${String(row["currency"])}`;
      return { outcome: "rejected", fields: { problem: problemField("order_mismatch", detail) } };
    }
    return {
      outcome: "ok",
      fields: {
        repeated: true,
        orderStatus: row["status"] as Fields["orderStatus"],
        orderCreatedAt: Number(row["createdAt"]),
        orderUpdatedAt: Number(row["updatedAt"]),
        ...given({
          channel: row["channel"] as Fields["channel"] | null,
          channelOrderId: row["channelOrderId"] as Fields["channelOrderId"] | null,
          action: row["action"] as Fields["action"] | null,
          problem: row["error"] as Fields["problem"] | null,
          refundedAmount: Number(row["refunded"]) || null,
        }),
      },
    };
  },
});
