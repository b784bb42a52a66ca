/** The order as the merchant sees it, made of the fields of a reply or of the row in `orders`. */
import type { Row } from "../../../engine/ports/store.js";
import { isoOf, present, type View } from "./view.js";

export type OrderView = View;

/** From run fields (names of the dictionary). No `orderStatus` means that nothing has been decided. */
export const viewOfFields = (fields: Row, acceptedAtMs: number): OrderView =>
  present({
    orderId: fields["orderId"],
    merchantOrderId: fields["merchantOrderId"],
    channelOrderId: fields["channelOrderId"],
    type: fields["type"],
    status: fields["orderStatus"] ?? "processing",
    amount: fields["amount"],
    currency: fields["currency"],
    refundedAmount: fields["refundedAmount"],
    channel: fields["channel"],
    action: fields["action"],
    error: fields["problem"],
    createdAt: isoOf(fields["orderCreatedAt"] ?? acceptedAtMs),
    updatedAt: isoOf(fields["orderUpdatedAt"] ?? fields["orderCreatedAt"] ?? acceptedAtMs),
  });

/** From a row of `orders` (columns of `ordersTable`). */
export const viewOfRow = (row: Row): OrderView =>
  present({
    orderId: row["orderId"],
    merchantOrderId: row["merchantOrderId"],
    channelOrderId: row["channelOrderId"],
    type: row["type"],
    status: row["status"],
    amount: row["amount"],
    currency: row["currency"],
    refundedAmount: row["refunded"] === 0 ? undefined : row["refunded"],
    channel: row["channel"],
    action: row["action"],
    error: row["error"],
    createdAt: isoOf(row["createdAt"]),
    updatedAt: isoOf(row["updatedAt"]),
  });
