import { reasonOf } from "../answer.js";
import { defineAtom } from "../define.js";
import { problemField } from "../problem.js";

/**
 * Decides the order. States and the only ways between them:
 *
 * processing -> requires_action            the payer has to do something (`order.present`)
 * processing | requires_action -> paid     a channel approved one of its payments; `paidBy` names it, once
 * processing | requires_action -> failed   a channel declined, or nothing was ever sent and no channel is left
 *
 * Closing, late money and refunds have atoms of their own. The guard is in SQL: whoever comes second ends with
 * `conflict`. An answer that is neither approval, decline nor "not sent" does not reach this atom; if it did, it
 * would be refused as a defect.
 */
export const orderSettle = defineAtom({
  name: "order.settle",
  version: 1,
  title: "Decide the order: paid or failed",
  effect: "store",
  guarded: true,
  reads: ["orderId", "paymentId", "channel", "channelResult"],
  readsIfPresent: ["channelOrderId", "channelCode", "channelMessage", "problem"],
  outcomes: {
    paid: { writes: ["orderStatus", "orderUpdatedAt"] },
    failed: { writes: ["orderStatus", "orderUpdatedAt", "problem"] },
  },
  run: (input, { nowMs }) => {
    const { orderId, paymentId, channel, channelResult, channelOrderId = null } = input;
    const move = (to: "paid" | "failed", set: Record<string, unknown>) => [
      {
        kind: "transition" as const,
        table: "orders",
        key: { orderId },
        from: ["processing", "requires_action"],
        to,
        set: { channel, channelOrderId, updatedAt: nowMs, action: null, paidBy: null, error: null, ...set },
      },
    ];
    if (channelResult === "approved") {
      return {
        outcome: "paid",
        fields: { orderStatus: "paid", orderUpdatedAt: nowMs },
        writes: move("paid", { paidBy: paymentId }),
      };
    }
    if (channelResult !== "declined" && channelResult !== "notSent") {
      throw new Error(`order ${orderId} cannot be settled on ${channelResult}`);
    }
    const problem =
      channelResult === "declined"
        ? problemField("channel_declined", reasonOf(input))
        : (input.problem ?? problemField("no_route", `channel ${channel} could not be reached`));
    return {
      outcome: "failed",
      fields: { orderStatus: "failed", orderUpdatedAt: nowMs, problem },
      writes: move("failed", { error: problem }),
    };
  },
});
