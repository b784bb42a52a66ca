/** One order explained, and a parked run released. */
import type { FastifyInstance } from "fastify";
import { isId } from "../../../../engine/ids.js";
import { json, refuse } from "../../answer.js";
import { pathParameter } from "../../parameters.js";
import { resource } from "../../server.js";
import { requireRight } from "../access.js";
import { authorIn, bodyOf, optionalTextIn } from "../input.js";
import type { AdminServices } from "../services.js";

export function orderRoutes(app: FastifyInstance, services: AdminServices): void {
  resource(app, "/admin/v1/orders/:id", {
    GET: requireRight("orders.read", async (request) => {
      const story = await services.story(pathParameter(request, "id"));
      if (!story) throw refuse("not_found", "No order and no run is known under this id or merchantOrderId.");
      return json(200, story);
    }),
  });
  resource(app, "/admin/v1/runs/:runId/release", {
    POST: requireRight("orders.act", async (request) => {
      const runId = pathParameter(request, "runId");
      const body = bodyOf(request, ["stage", "author", "reason"]);
      const by = authorIn(body);
      if (!isId(runId)) throw refuse("not_found", "This is no id of a run.");
      return json(200, await services.release(runId, optionalTextIn(body, "stage"), by));
    }),
  });
}
