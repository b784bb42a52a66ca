/**
 * The orders that came last, as routing saw them. By way of their runs, whose ids are times and have an index: orders
 * need none of their own for it, which every payment would pay for.
 */
import type { TrialOrder } from "../../../engine/registry/route-trial.js";
import { runDay } from "./channels.js";
import type { Sql } from "./database.js";

interface OrderRow {
  readonly orderId: string;
  readonly merchantOrderId: string;
  readonly merchantId: string;
  readonly type: string;
  readonly amount: number;
  readonly currency: string;
  readonly method: string | null;
  readonly business: string | null;
  readonly createdAtMs: number;
  readonly channel: string | null;
  readonly rule: string | null;
  readonly wanted: string | null;
}

/**
 * Newest first. The channel the integrator named stands in the journal alone: of an order whose day's partition is
 * gone nobody knows it any more. Orders that were refused because no channel could take them were never logged.
 */
export async function recordedOrders(sql: Sql, last: number): Promise<readonly TrialOrder[]> {
  const rows = await sql.query<OrderRow>(
    // Backwards through the ids of runs until enough of them are an order's own, and only then what belongs to those:
    // joined at once, the planner puts whole tables together before it sorts them. `offset 0` holds it to that.
    `with newest as materialized (
       select r.run_id, o.* from core.runs r
       cross join lateral (select order_id, merchant_order_id, merchant_id, type, amount, currency, method, business,
           created_at from core.orders where order_id = r.order_id and run_id = r.run_id offset 0) o
       order by r.run_id desc limit $1)
     select r.order_id as "orderId", r.merchant_order_id as "merchantOrderId", r.merchant_id as "merchantId", r.type,
       r.amount, r.currency, r.method, r.business, p.channel, p.rule, j.wanted,
       (extract(epoch from r.created_at) * 1000)::bigint as "createdAtMs"
     from newest r
     left join lateral (select channel, route_rule as rule from core.payments
       where order_id = r.order_id order by attempt limit 1) p on true
     left join lateral (select data -> 'fields' ->> 'channelWanted' as wanted from core.journal
       where run_day = ${runDay} and run_id = r.run_id and hop = 0 and kind <> 'mark'
       order by point desc limit 1) j on true
     order by r.run_id desc`,
    [last],
  );
  return rows.map(recordedOrder);
}

function recordedOrder(row: OrderRow): TrialOrder {
  const { orderId, merchantOrderId, createdAtMs, channel, rule, wanted, method, business, ...rest } = row;
  return {
    orderId,
    merchantOrderId,
    createdAtMs,
    fields: { ...rest, method: method ?? "", business: business ?? "" },
    ...(wanted === null ? {} : { wanted }),
    ...(channel === null ? {} : { recorded: { channel, rule: rule ?? "" } }),
  };
}
