/** The refund as the merchant sees it, made of the fields of a reply or of the row in `refunds`. */
import type { Row } from "../../../engine/ports/store.js";
import { isoOf, present, type View } from "./view.js";

/** From run fields (names of the dictionary). No `refundStatus` means that nothing has been decided. */
export const refundOfFields = (fields: Row, acceptedAtMs: number): View =>
  present({
    refundId: fields["refundId"],
    merchantRefundId: fields["merchantRefundId"],
    orderId: fields["orderId"],
    merchantOrderId: fields["merchantOrderId"],
    channelRefundId: fields["channelRefundId"],
    amount: fields["amount"],
    currency: fields["currency"],
    status: fields["refundStatus"] ?? "processing",
    reason: fields["reason"],
    error: fields["refundError"],
    createdAt: isoOf(fields["refundCreatedAt"] ?? acceptedAtMs),
    updatedAt: isoOf(fields["refundUpdatedAt"] ?? fields["refundCreatedAt"] ?? acceptedAtMs),
  });

/** Decided is what payment and order have been brought up to date with; what comes before is not told apart. */
function statusOf({ status, settledAt }: Row): string {
  if (settledAt === null) return "processing";
  return status === "approved" || status === "byHand" ? "refunded" : "failed";
}

/** From a row of `refunds` (columns of `refundsTable`). */
export const refundOfRow = (row: Row): View =>
  present({
    refundId: row["refundId"],
    merchantRefundId: row["merchantRefundId"],
    orderId: row["orderId"],
    merchantOrderId: row["merchantOrderId"],
    channelRefundId: row["channelRefundId"],
    amount: row["amount"],
    currency: row["currency"],
    status: statusOf(row),
    reason: row["reason"],
    error: row["error"],
    createdAt: isoOf(row["createdAt"]),
    updatedAt: isoOf(row["updatedAt"]),
  });
