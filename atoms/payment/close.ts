import { defineAtom } from "../define.js";
import { undecidedStatuses } from "../statuses.js";

/** Keeps what the close came to. A payment the institution will never charge is closed; any other stays as it is. */
export const paymentClose = defineAtom({
  name: "payment.close",
  version: 1,
  title: "Record that the payment is closed",
  effect: "store",
  guarded: true,
  reads: ["paymentId"],
  readsIfPresent: ["closeResult"],
  outcomes: { ok: { mayWrite: ["paymentStatus"] } },
  run: ({ paymentId, closeResult }, { nowMs }) => {
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
          set: { evidence: { by: "close", result: closeResult, at: nowMs }, updatedAt: nowMs },
        },
      ],
    };
  },
});
