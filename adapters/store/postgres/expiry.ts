/** Orders whose time is over. */
import { deriveIdAt } from "../../../engine/ids.js";
import type { Row } from "../../../engine/ports/store.js";
import type { Sql } from "./database.js";

/** The type whose runs close them. */
const expireType = "expire";

interface Expired {
  readonly orderId: string;
  readonly merchantId: string;
  readonly expiresAtMs: number;
}

/**
 * Overdue orders that no run closes yet, the longest overdue first, as the runs that are to close them. One whose run
 * stands still for a person is not started again.
 */
export async function expiredOrders(
  sql: Sql,
  limit: number,
): Promise<readonly { readonly runId: string; readonly type: string; readonly fields: Row }[]> {
  const rows = await sql.query<Expired & Record<string, unknown>>(
    `select order_id as "orderId", merchant_id as "merchantId",
       (extract(epoch from expires_at) * 1000)::bigint as "expiresAtMs"
     from core.orders o
     where status in ('processing', 'requires_action') and expires_at is not null and expires_at <= now()
       and not exists (select 1 from core.runs r
         where r.order_id = o.order_id and r.type = $1 and r.state <> 'ended')
     order by expires_at limit $2`,
    [expireType, limit],
    "expired-orders",
  );
  return rows.map(({ orderId, merchantId, expiresAtMs }) => ({
    runId: deriveIdAt(Number(expiresAtMs), expireType, orderId),
    type: expireType,
    fields: { merchantId, orderId },
  }));
}
