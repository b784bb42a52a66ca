import { defineAtom } from "../define.js";
import { undecidedStatuses } from "../statuses.js";

/**
 * Keeps what the close came to. A payment the institution will never charge is closed; any other stays as it is.
 * "Never seen" is about what was sent until it was asked: a payment sent again meanwhile loses the guard.
 */
export const paymentClose = defineAtom({
  name: "payment.close",
  version: 2,
  title: "Record that the payment is closed",
  effect: "store",
  guarded: true,
  reads: ["paymentId"],
  readsIfPresent: ["closeResult", "sentAt"],
  outcomes: { ok: { mayWrite: ["paymentStatus"] } },
  run: ({ paymentId, closeResult, sentAt = null }, { nowMs }) => {
    if (closeResult !== "closed" && closeResult !== "absent") return { outcome: "ok" };
    return {
      outcome: "ok",
      fields: { paymentStatus: "closed" },
      writes: [
        {
          kind: "transition",
          table: "payments",
          key: { paymentId },
          from: undecidedStatuses,
          to: "closed",
          ...(closeResult === "absent" ? { match: { sentAt } } : {}),
          set: { evidence: { by: "close", result: closeResult, at: nowMs }, updatedAt: nowMs },
        },
      ],
    };
  },
});
