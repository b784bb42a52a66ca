import { evidenceOf } from "../answer.js";
import { defineAtom } from "../define.js";

/** What the refund's status becomes; `absent` (the institution has no such refund) leaves it to be sent again. */
const statusOf = {
  approved: "approved",
  declined: "declined",
  pending: "pending",
  notSent: "notSent",
  unknown: "unknown",
  absent: "unknown",
} as const;

/** Undecided states may become anything; `approved` and `declined` are final and carry their evidence. */
const undecided = ["sending", "pending", "unknown", "notSent"];

export const refundRecord = defineAtom({
  name: "refund.record",
  version: 1,
  title: "Record what the channel said about the refund, with the evidence",
  effect: "store",
  guarded: true,
  reads: ["refundId", "channelResult", "channelAsked"],
  readsIfPresent: ["channelRefundId", "channelCode", "channelMessage"],
  outcomes: { ok: {} },
  run: ({ refundId, channelResult, channelRefundId = null, ...heard }, { nowMs }) => {
    if (channelResult === "moved") throw new Error(`refund ${refundId} cannot move to another channel`);
    return {
      outcome: "ok",
      writes: [
        {
          kind: "transition",
          table: "refunds",
          key: { refundId },
          from: undecided,
          to: statusOf[channelResult],
          set: {
            channelRefundId,
            evidence: evidenceOf({ channelResult, ...heard }, nowMs),
            updatedAt: nowMs,
          },
        },
      ],
    };
  },
});
