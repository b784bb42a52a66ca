import { deriveId } from "../../engine/ids.js";
import type { Row } from "../../engine/ports/store.js";
import type { Fields } from "../fields.js";
import { defineAtom } from "../define.js";
import { problemField } from "../problem.js";
import { given } from "../rows.js";

/**
 * Names the refund, and reads it if it was asked for before: then the caller gets it as it is, and nothing is reserved
 * or sent again. The same number for another order or amount is refused.
 */
export const refundRecall = defineAtom({
  name: "refund.recall",
  version: 1,
  title: "Recall the refund already logged under this number",
  effect: "pure",
  readsRows: true,
  reads: ["merchantId", "merchantRefundId", "orderId", "amount"],
  outcomes: {
    ok: { writes: ["refundId"] },
    repeated: {
      writes: [
        ...["refundId", "repeated", "merchantOrderId", "currency"],
        ...["refundStatus", "refundCreatedAt", "refundUpdatedAt"],
      ] as const,
      mayWrite: ["channelRefundId", "reason", "refundError"],
    },
    rejected: { writes: ["problem"] },
  },
  run: async ({ merchantId, merchantRefundId, orderId, amount }, { ports }) => {
    const refundId = deriveId("refund", merchantId, merchantRefundId);
    const row = await ports.rows.find("refunds", { refundId });
    if (!row) return { outcome: "ok", fields: { refundId } };
    if (row["orderId"] !== orderId || Number(row["amount"]) !== amount) {
      const detail =
        `refund ${merchantRefundId} exists, ${String(row["amount"])} ${String(row["currency"])} ` +
        `of order ${String(row["merchantOrderId"])}`;
      return { outcome: "rejected", fields: { problem: problemField("refund_mismatch", detail) } };
    }
    return { outcome: "repeated", fields: { repeated: true, refundId, ...refundFields(row) } };
  },
});

/** What the merchant sees: decided is a refund that payment and order have been brought up to date with. */
function refundStatusOf({ status, settledAt }: Row): Fields["refundStatus"] {
  if (settledAt === null) return "processing";
  return status === "approved" || status === "byHand" ? "refunded" : "failed";
}

const refundFields = (row: Row) => ({
  merchantOrderId: String(row["merchantOrderId"]),
  currency: row["currency"] as Fields["currency"],
  refundStatus: refundStatusOf(row),
  refundCreatedAt: Number(row["createdAt"]),
  refundUpdatedAt: Number(row["updatedAt"]),
  ...given({
    channelRefundId: row["channelRefundId"] as Fields["channelRefundId"] | null,
    reason: row["reason"] as Fields["reason"] | null,
    refundError: row["error"] as Fields["refundError"] | null,
  }),
});
