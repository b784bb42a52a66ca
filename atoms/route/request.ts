/** What routing is asked on behalf of an order. */
import type { RouteRequest } from "../../engine/registry/routing.js";
import type { AtomPorts } from "../define.js";
import type { Fields } from "../fields.js";

type OrderFields = Pick<Fields, "merchantId" | "type" | "amount" | "currency"> &
  Partial<Pick<Fields, "method" | "business" | "channelsTried">>;

/** `wanted`: the channel the integrator named; `key` decides among weights. */
export async function routeRequest(
  order: OrderFields,
  wanted: string | undefined,
  key: string,
  { reference }: Pick<AtomPorts, "reference">,
): Promise<RouteRequest> {
  return {
    rules: await reference.routes(),
    channels: await reference.channels(),
    fields: { method: "", business: "", ...order },
    without: order.channelsTried ?? [],
    wanted,
    key,
  };
}
