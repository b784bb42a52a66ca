/** Rules before they take effect: what they may be made of, and what they would do to orders, placed or not. */
import type { FastifyInstance } from "fastify";
import type { Row } from "../../../../engine/ports/index.js";
import { json } from "../../answer.js";
import { resource } from "../../server.js";
import { requireRight } from "../access.js";
import { bodyOf, invalid, knownIn, optionalCountIn, optionalTextIn } from "../input.js";
import type { RouteServices, RouteTrial, TrialOrders } from "../route-services.js";
import { fileIn, unsound } from "./rules.js";

/** More tell no more, and each is routed twice. */
const ordersMax = 500;
const orderMembers = ["amount", "currency", "type", "merchantId", "method", "business", "channel"];

export function routeTrialRoutes(app: FastifyInstance, services: RouteServices): void {
  resource(app, "/admin/v1/routes/vocabulary", {
    GET: requireRight("watch", async () => json(200, await services.vocabulary())),
  });
  resource(app, "/admin/v1/routes/try", {
    POST: requireRight("watch", async (request) =>
      json(200, await services.tryRoute(orderIn(bodyOf(request, orderMembers)))),
    ),
  });
  resource(app, "/admin/v1/routes/trial", {
    // Recorded orders are told with their amounts.
    POST: requireRight("orders.read", async (request) => {
      const body = bodyOf(request, ["files", "orders"]);
      const file = body["files"] === undefined ? undefined : fileIn(body);
      const result = await services.tryRules(file, ordersIn(body["orders"]));
      return result.ok ? json(200, result) : unsound(result.diagnostics);
    }),
  });
}

function ordersIn(orders: unknown): TrialOrders {
  if (Array.isArray(orders)) {
    if (orders.length === 0 || orders.length > ordersMax)
      throw invalid([{ pointer: "/orders", message: `must be 1 to ${ordersMax} orders` }]);
    return orders.map((order, index) => orderIn(objectIn(order, `/orders/${index}`), `/orders/${index}`));
  }
  const { last } = knownIn(objectIn(orders, "/orders"), ["last"], "/orders");
  if (!Number.isInteger(last) || Number(last) < 1 || Number(last) > ordersMax)
    throw invalid([{ pointer: "/orders/last", message: `must be a whole number of 1 to ${ordersMax}` }]);
  return { last: Number(last) };
}

function objectIn(value: unknown, at: string): Row {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw invalid([{ pointer: at, message: 'must be an object; { "last": 100 } names recorded orders' }]);
  return value as Row;
}

/** `at`: pointer to the order. */
function orderIn(body: Row, at = ""): RouteTrial {
  knownIn(body, orderMembers, at);
  const amount = optionalCountIn(body, "amount", at);
  if (amount === undefined) throw invalid([{ pointer: `${at}/amount`, message: "is missing" }]);
  const [method, business, channel] = ["method", "business", "channel"].map((name) =>
    optionalTextIn(body, name, at),
  );
  return {
    amount,
    currency: optionalTextIn(body, "currency", at) ?? "CNY",
    type: optionalTextIn(body, "type", at) ?? "pay",
    merchantId: optionalTextIn(body, "merchantId", at) ?? "",
    ...(method === undefined ? {} : { method }),
    ...(business === undefined ? {} : { business }),
    ...(channel === undefined ? {} : { channel }),
  };
}
