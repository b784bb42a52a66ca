/** Orders of the demo merchant, to see a type at work. Only a system with a demo merchant has these. */
import type { FastifyInstance } from "fastify";
import { json, refuse } from "../../answer.js";
import type { DemoOrder } from "../../demo-shop.js";
import { resource } from "../../server.js";
import { requireRight } from "../access.js";
import { bodyOf, invalid, optionalCountIn, optionalTextIn } from "../input.js";

export interface DemoServices {
  /** Undefined: there is no demo merchant here. */
  readonly merchantId: string | undefined;
  /** What the bridge answered: an order, or a problem. */
  order(order: DemoOrder): Promise<{ readonly status: number; readonly body: unknown }>;
}

export function demoRoutes(app: FastifyInstance, services: DemoServices): void {
  resource(app, "/admin/v1/demo", {
    GET: requireRight("watch", () => {
      const { merchantId } = services;
      return json(200, merchantId === undefined ? { available: false } : { available: true, merchantId });
    }),
  });
  resource(app, "/admin/v1/demo/orders", {
    // Whoever may put a type in force may see it work.
    POST: requireRight("flows.change", async (request) => {
      if (services.merchantId === undefined)
        throw refuse("not_found", "This system has no demo merchant: orders come from integrators.");
      const body = bodyOf(request, ["type", "amount", "currency", "method"]);
      const amount = optionalCountIn(body, "amount");
      if (amount === undefined) throw invalid([{ pointer: "/amount", message: "is missing" }]);
      const method = optionalTextIn(body, "method");
      const answer = await services.order({
        type: optionalTextIn(body, "type") ?? "pay",
        amount,
        currency: optionalTextIn(body, "currency") ?? "CNY",
        ...(method === undefined ? {} : { method }),
      });
      return json(200, answer);
    }),
  });
}
