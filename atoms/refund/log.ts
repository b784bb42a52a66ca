import { defineAtom } from "../define.js";

/**
 * Writes the refund, in the same commit as its reservation. Its id is derived from merchant and merchantRefundId:
 * whoever asks for the same one at the same moment finds the row taken, and nothing of his unit remains.
 */
export const refundLog = defineAtom({
  name: "refund.log",
  version: 1,
  title: "Log the refund",
  effect: "store",
  guarded: true,
  reads: [
    ...["refundId", "orderId", "paymentId", "merchantId", "merchantOrderId", "merchantRefundId"],
    ...["channel", "amount", "currency"],
  ] as const,
  readsIfPresent: ["reason"],
  outcomes: { ok: { writes: ["refundStatus", "refundCreatedAt", "refundUpdatedAt"] } },
  run: (refund, { nowMs, run }) => ({
    outcome: "ok",
    fields: { refundStatus: "processing", refundCreatedAt: nowMs, refundUpdatedAt: nowMs },
    writes: [
      {
        kind: "insert",
        table: "refunds",
        exists: "conflict",
        row: { status: "sending", runId: run.runId, createdAt: nowMs, updatedAt: nowMs, ...refund },
      },
    ],
  }),
});
