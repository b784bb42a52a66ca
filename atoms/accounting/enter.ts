import { deriveId } from "../../engine/ids.js";
import { defineAtom } from "../define.js";

/**
 * Enters what a payment has brought in into the accounting feed, from which a ledger reads at its own pace (how: the
 * migration of the table, docs/architecture.md). The entry's id follows from the event and the payment it is about:
 * whoever tells of it again, in whichever run, finds the entry there, and it stays as it was first written.
 */
export const accountingEnter = defineAtom({
  name: "accounting.enter",
  version: 1,
  title: "Enter the payment into the accounting feed",
  effect: "store",
  reads: [
    "eventType",
    "eventAt",
    "orderId",
    "paymentId",
    "merchantId",
    "merchantOrderId",
    "type",
    "channel",
    "amount",
    "currency",
  ],
  readsIfPresent: ["business", "channelOrderId"],
  outcomes: { ok: {} },
  // A type that presets no business is its own, as in `merchant.check`.
  run: ({ eventType, eventAt, channelOrderId = null, ...paid }, { nowMs, run }) => ({
    outcome: "ok",
    writes: [
      {
        kind: "insert",
        table: "accountingFeed",
        exists: "keep",
        row: {
          entryId: deriveId("accounting-entry", eventType, paid.paymentId),
          event: eventType,
          business: paid.type,
          ...paid,
          channelOrderId,
          paidAt: eventAt,
          runId: run.runId,
          enteredAt: nowMs,
        },
      },
    ],
  }),
});
