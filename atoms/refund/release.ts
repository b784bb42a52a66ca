import { reasonOf } from "../answer.js";
import { defineAtom } from "../define.js";
import { problemField } from "../problem.js";
import { paymentOf } from "../rows.js";
import { isSurplus } from "../surplus.js";

/**
 * Ends a refund the channel has declined, and gives its amount free for another one. An amount that was given free
 * twice could be refunded twice, so `settledAt` lets each refund do so once.
 *
 * Of a surplus nobody will ask for another refund: it stays reserved (`owed`), and a person gives it back. Having done
 * so the person says by which transfer, and the refund is counted as made by hand (`byHand`, see `attest.ts`).
 */
export const refundRelease = defineAtom({
  name: "refund.release",
  version: 3,
  title: "Give the reserved amount free",
  effect: "store",
  readsRows: true,
  guarded: true,
  reads: ["refundId", "merchantRefundId", "paymentId", "amount"],
  readsIfPresent: ["channelCode", "channelMessage", "handReference"],
  outcomes: {
    ok: { writes: ["refundStatus", "refundUpdatedAt", "refundError"] },
    owed: {},
    byHand: { writes: ["handReference"] },
  },
  run: async ({ handReference, ...refund }, { ports, nowMs }) => {
    if (isSurplus(refund))
      return handReference === undefined
        ? { outcome: "owed" }
        : { outcome: "byHand", fields: { handReference } };
    const { refundId, paymentId, amount } = refund;
    const payment = await paymentOf(ports.rows, paymentId);
    const refundReserved = Number(payment["refundReserved"]);
    const refundError = problemField("refund_declined", reasonOf(refund));
    return {
      outcome: "ok",
      fields: { refundStatus: "failed", refundUpdatedAt: nowMs, refundError },
      writes: [
        {
          kind: "transition",
          table: "refunds",
          key: { refundId },
          from: ["declined"],
          to: "declined",
          match: { settledAt: null },
          set: { error: refundError, settledAt: nowMs, updatedAt: nowMs },
        },
        {
          kind: "transition",
          table: "payments",
          key: { paymentId },
          from: ["approved"],
          to: "approved",
          match: { refundReserved },
          set: { refundReserved: refundReserved - amount, updatedAt: nowMs },
        },
      ],
    };
  },
});
