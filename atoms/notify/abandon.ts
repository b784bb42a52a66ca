import { defineAtom } from "../define.js";

/** Every attempt failed: the notification is shown as failed and can be sent again by hand. */
export const notifyAbandon = defineAtom({
  name: "notify.abandon",
  version: 1,
  title: "Give the notification up",
  effect: "store",
  guarded: true,
  reads: ["notificationId"],
  outcomes: { ok: {} },
  run: ({ notificationId }, { nowMs }) => ({
    outcome: "ok",
    writes: [
      {
        kind: "transition",
        table: "notifications",
        key: { notificationId },
        from: ["sending"],
        to: "failed",
        set: { updatedAt: nowMs },
      },
    ],
  }),
});
