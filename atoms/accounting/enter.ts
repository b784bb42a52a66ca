import { deriveId } from "../../engine/ids.js";
import { defineAtom } from "../define.js";

/**
 * Enters what a payment has brought in, or a refund has given back, into the accounting feed, from which a ledger
 * reads at its own pace (how: the migration of the table, docs/architecture.md). The entry's id follows from the event
 * and the payment or refund it is about: whoever tells of it again, in whichever run, finds the entry there, and it
 * stays as it was first written.
 */
export const accountingEnter = defineAtom({
  name: "accounting.enter",
  version: 2,
  title: "Enter the payment or refund into the accounting feed",
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
  readsIfPresent: ["business", "channelOrderId", "refundId", "channelRefundId"],
  outcomes: { ok: {} },
  // A type that presets no business is its own, as in `merchant.check`.
  run: ({ eventType, eventAt, ...moved }, { nowMs, run }) => ({
    outcome: "ok",
    writes: [
      {
        kind: "insert",
        table: "accountingFeed",
        exists: "keep",
        row: {
          entryId: deriveId("accounting-entry", eventType, moved.refundId ?? moved.paymentId),
          event: eventType,
          business: moved.type,
          ...{ refundId: null, channelOrderId: null, channelRefundId: null },
          ...moved,
          paidAt: eventAt,
          runId: run.runId,
          enteredAt: nowMs,
        },
      },
    ],
  }),
});
