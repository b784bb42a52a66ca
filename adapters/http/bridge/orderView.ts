/** The order as the merchant sees it, made of the fields of a reply or of the row in `orders`. */
import type { Row } from "../../../engine/ports/store.js";

export type OrderView = Readonly<Record<string, unknown>>;

const iso = (epochMs: unknown): string | undefined =>
  typeof epochMs === "number" && Number.isFinite(epochMs) ? new Date(epochMs).toISOString() : undefined;

/** Members in the order of the contract, without those nobody knows. */
function view(members: Readonly<Record<string, unknown>>): OrderView {
  return Object.fromEntries(
    Object.entries(members).filter(([, value]) => value !== undefined && value !== null),
  );
}

/** From run fields (names of the dictionary). No `orderStatus` means that nothing has been decided. */
export const viewOfFields = (fields: Row, acceptedAtMs: number): OrderView =>
  view({
    orderId: fields["orderId"],
    merchantOrderId: fields["merchantOrderId"],
    channelOrderId: fields["channelOrderId"],
    type: fields["type"],
    status: fields["orderStatus"] ?? "processing",
    amount: fields["amount"],
    currency: fields["currency"],
    channel: fields["channel"],
    action: fields["action"],
    error: fields["problem"],
    createdAt: iso(fields["orderCreatedAt"] ?? acceptedAtMs),
    updatedAt: iso(fields["orderUpdatedAt"] ?? fields["orderCreatedAt"] ?? acceptedAtMs),
  });

/** From a row of `orders` (columns of `ordersTable`). */
export const viewOfRow = (row: Row): OrderView =>
  view({
    orderId: row["orderId"],
    merchantOrderId: row["merchantOrderId"],
    channelOrderId: row["channelOrderId"],
    type: row["type"],
    status: row["status"],
    amount: row["amount"],
    currency: row["currency"],
    channel: row["channel"],
    action: row["action"],
    error: row["error"],
    createdAt: iso(row["createdAt"]),
    updatedAt: iso(row["updatedAt"]),
  });
