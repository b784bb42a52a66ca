import { defineAtom } from "../define.js";

/**
 * Writes the order. Its id is derived from merchant and merchantOrderId, so whoever submits the same order again
 * finds the row taken: the transaction then ends with `conflict` and nothing of it remains.
 */
export const orderLog = defineAtom({
  name: "order.log",
  version: 2,
  title: "Log the order",
  effect: "store",
  guarded: true,
  reads: ["merchantId", "merchantOrderId", "orderId", "type", "amount", "currency", "subject"],
  readsIfPresent: ["business", "method", "notifyUrl", "returnUrl", "metadata", "expiresInSeconds", "channel"],
  outcomes: { ok: { writes: ["orderStatus", "orderCreatedAt", "orderUpdatedAt"] } },
  run: ({ expiresInSeconds, ...order }, { nowMs, run }) => ({
    outcome: "ok",
    fields: { orderStatus: "processing", orderCreatedAt: nowMs, orderUpdatedAt: nowMs },
    writes: [
      {
        kind: "insert",
        table: "orders",
        exists: "conflict",
        row: {
          status: "processing",
          attempts: 1,
          refunded: 0,
          runId: run.runId,
          expiresAt: expiresInSeconds === undefined ? null : nowMs + expiresInSeconds * 1000,
          createdAt: nowMs,
          updatedAt: nowMs,
          ...order,
        },
      },
    ],
  }),
});
