import { defineAtom } from "../define.js";

/**
 * Says that the payment is about to be given to the channel. It stands before the charge, so it is committed with the
 * intent: whoever closes an order whose payment was still `created` makes this guard fail, and nothing leaves.
 */
export const paymentSend = defineAtom({
  name: "payment.send",
  version: 1,
  title: "Mark the payment as being sent",
  effect: "store",
  guarded: true,
  reads: ["paymentId"],
  outcomes: { ok: {} },
  run: ({ paymentId }, { nowMs }) => ({
    outcome: "ok",
    writes: [
      {
        kind: "transition",
        table: "payments",
        key: { paymentId },
        // Not from `pending`: the institution has it and works on it.
        from: ["created", "notSent", "unknown"],
        to: "sending",
        set: { sentAt: nowMs, updatedAt: nowMs },
      },
    ],
  }),
});
