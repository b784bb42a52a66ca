/** The question of `adapters/store/postgres/expiry.ts`, to the rows in memory. */
import type { MemoryDatabase } from "../../adapters/memory/database.js";
import type { DueRun } from "../../adapters/schedule/scheduler.js";
import { isUnpaidOrder } from "../../atoms/statuses.js";
import { deriveIdAt } from "../../engine/ids.js";
import type { Row } from "../../engine/ports/store.js";

const type = "expire";

/** Overdue orders that no run closes yet, the longest overdue first. */
export function expiredOrders(database: MemoryDatabase, limit: number): readonly DueRun[] {
  const nowMs = database.clock.nowMs();
  const isDue = (order: Row): boolean =>
    isUnpaidOrder(order) && order["expiresAt"] !== null && Number(order["expiresAt"]) <= nowMs;
  const due = database.rows("orders").filter(isDue);
  if (due.length === 0) return [];
  const closing = new Set(
    database
      .rows("runs")
      .flatMap((run) => (run["type"] === type && run["state"] !== "ended" ? [run["orderId"]] : [])),
  );
  return due
    .filter(({ orderId }) => !closing.has(orderId))
    .sort((a, b) => Number(a["expiresAt"]) - Number(b["expiresAt"]))
    .slice(0, limit)
    .map(({ orderId, merchantId, expiresAt }) => ({
      runId: deriveIdAt(Number(expiresAt), type, String(orderId)),
      type,
      fields: { merchantId, orderId },
    }));
}
