import { defineAtom } from "../define.js";
import { problemField } from "../problem.js";
import { isSurplus } from "../surplus.js";

/**
 * Takes the amount out of what is left of the payment, before anything is sent. The guard is the sum that was read:
 * when another refund of the payment was faster the whole unit is refused and the flow looks again, so the sum of
 * refunds never exceeds the payment, however many race. Only `refund.release` gives an amount back.
 */
export const refundReserve = defineAtom({
  name: "refund.reserve",
  version: 1,
  title: "Reserve the amount",
  effect: "store",
  guarded: true,
  reads: ["merchantRefundId", "paymentId", "amount", "currency", "paymentAmount", "refundReserved"],
  outcomes: { ok: {}, rejected: { writes: ["problem"] } },
  run: (input, { nowMs }) => {
    const { paymentId, amount, currency, paymentAmount, refundReserved } = input;
    const left = paymentAmount - refundReserved;
    if (amount > left) {
      const detail = `${left} of ${paymentAmount} minor units ${currency} are left, ${amount} were asked for`;
      if (isSurplus(input)) throw new Error(`surplus payment ${paymentId} cannot be refunded: ${detail}`);
      return { outcome: "rejected", fields: { problem: problemField("refund_exceeds_payment", detail) } };
    }
    return {
      outcome: "ok",
      writes: [
        {
          kind: "transition",
          table: "payments",
          key: { paymentId },
          from: ["approved"],
          to: "approved",
          match: { refundReserved },
          set: { refundReserved: refundReserved + amount, updatedAt: nowMs },
        },
      ],
    };
  },
});
