import { defineAtom } from "../define.js";

/** The channel told us to wait: shows the payer's next step on the order, if there is one. */
export const orderPresent = defineAtom({
  name: "order.present",
  version: 1,
  title: "Show the payer's next step",
  effect: "store",
  guarded: true,
  reads: ["orderId", "channel", "orderStatus"],
  readsIfPresent: ["action", "channelOrderId"],
  outcomes: { ok: { writes: ["orderStatus", "orderUpdatedAt"] } },
  run: ({ orderId, channel, action, channelOrderId = null }, { nowMs }) => {
    const orderStatus = action === undefined ? ("processing" as const) : ("requires_action" as const);
    return {
      outcome: "ok",
      fields: { orderStatus, orderUpdatedAt: nowMs },
      writes: [
        {
          kind: "transition",
          table: "orders",
          key: { orderId },
          from: ["processing", "requires_action"],
          to: orderStatus,
          set: { channel, channelOrderId, action: action ?? null, updatedAt: nowMs },
        },
      ],
    };
  },
});
