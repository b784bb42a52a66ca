import { defineAtom } from "../define.js";

/** Opens an attempt to pay the order through the chosen channel. Its id is the channel's idempotency key. */
export const paymentOpen = defineAtom({
  name: "payment.open",
  version: 2,
  title: "Open an attempt to pay",
  effect: "store",
  guarded: true,
  reads: ["orderId", "amount", "currency", "channel", "routeRule"],
  readsIfPresent: ["attempt"],
  outcomes: { ok: { writes: ["paymentId", "attempt"] } },
  run: ({ attempt = 0, ...payment }, { id, nowMs, run }) => {
    const paymentId = id();
    return {
      outcome: "ok",
      fields: { paymentId, attempt: attempt + 1 },
      writes: [
        {
          kind: "insert",
          table: "payments",
          exists: "conflict",
          row: {
            paymentId,
            ...payment,
            runId: run.runId,
            attempt: attempt + 1,
            status: "created",
            surplus: false,
            createdAt: nowMs,
            updatedAt: nowMs,
          },
        },
      ],
    };
  },
});
