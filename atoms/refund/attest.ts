import { defineAtom } from "../define.js";
import { paymentOf, refundedMore } from "../rows.js";

/**
 * Counts a refund that a person made by a transfer of their own after its channel had declined it. The channel has
 * moved nothing, so its numbers stay as they are; the payment has gone back, so its sums say so. Only a surplus comes
 * here: the order it once belonged to is not touched.
 *
 * The reference becomes the evidence in the decline's place; what the channel had said stands in the journal.
 */
export const refundAttest = defineAtom({
  name: "refund.attest",
  version: 1,
  title: "Count the refund as made by hand",
  effect: "store",
  readsRows: true,
  guarded: true,
  reads: ["refundId", "paymentId", "amount", "handReference"],
  outcomes: { ok: { writes: ["refundStatus", "refundUpdatedAt"] } },
  run: async ({ refundId, paymentId, amount, handReference }, { ports, nowMs }) => {
    const payment = await paymentOf(ports.rows, paymentId);
    const evidence = { by: "operator", result: "byHand", code: handReference, at: nowMs };
    return {
      outcome: "ok",
      fields: { refundStatus: "refunded", refundUpdatedAt: nowMs },
      writes: [
        {
          kind: "transition",
          table: "refunds",
          key: { refundId },
          from: ["declined"],
          to: "byHand",
          match: { settledAt: null },
          set: { evidence, settledAt: nowMs, updatedAt: nowMs },
        },
        refundedMore(payment, amount, nowMs),
      ],
    };
  },
});
