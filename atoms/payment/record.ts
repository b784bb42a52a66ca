import { evidenceOf } from "../answer.js";
import { defineAtom } from "../define.js";
import { undecidedStatuses } from "../statuses.js";

/** What the payment's status becomes; `absent` (the institution has no such payment) leaves it to be sent again. */
const statusOf = {
  approved: "approved",
  declined: "declined",
  pending: "pending",
  notSent: "notSent",
  unknown: "unknown",
  absent: "unknown",
  moved: "created",
} as const;

/** Nothing has left yet: the payment may go to another channel under the same number. */
const unsent = ["created", "notSent"];

export const paymentRecord = defineAtom({
  name: "payment.record",
  version: 3,
  title: "Record what the channel said, with the evidence",
  effect: "store",
  guarded: true,
  reads: ["paymentId", "channelResult", "channelAsked"],
  readsIfPresent: ["channel", "channelOrderId", "channelCode", "channelMessage"],
  outcomes: { ok: {} },
  run: ({ paymentId, channel, channelResult, channelOrderId = null, ...heard }, { nowMs }) => ({
    outcome: "ok",
    writes: [
      {
        kind: "transition",
        table: "payments",
        key: { paymentId },
        from: channelResult === "moved" ? unsent : undecidedStatuses,
        to: statusOf[channelResult],
        set: {
          channelOrderId,
          evidence: evidenceOf({ channelResult, ...heard }, nowMs),
          updatedAt: nowMs,
          ...(channelResult === "moved" ? { channel } : {}),
        },
      },
    ],
  }),
});
