import { defineAtom } from "../define.js";
import { unpaidOrderStatuses } from "../statuses.js";

/**
 * Claims the next attempt of an order that goes on. Whoever closes the order at the same moment guards the same row,
 * so either the attempt is not opened or the close looks again.
 */
export const orderProceed = defineAtom({
  name: "order.proceed",
  version: 1,
  title: "The order goes on with another attempt",
  effect: "store",
  guarded: true,
  reads: ["orderId", "attempt"],
  outcomes: { ok: {} },
  run: ({ orderId, attempt }, { nowMs }) => ({
    outcome: "ok",
    writes: [
      {
        kind: "transition",
        table: "orders",
        key: { orderId },
        from: unpaidOrderStatuses,
        to: "processing",
        match: { attempts: attempt },
        set: { attempts: attempt + 1, updatedAt: nowMs },
      },
    ],
  }),
});
