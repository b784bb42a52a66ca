/** Modules with their health, and what `valence doctor` asks. */
import type { FastifyInstance } from "fastify";
import { json } from "../../answer.js";
import { resource } from "../../server.js";
import { requireRight } from "../access.js";
import type { AdminServices } from "../services.js";

export function moduleRoutes(
  app: FastifyInstance,
  services: Pick<AdminServices, "modules" | "checks">,
): void {
  resource(app, "/admin/v1/modules", {
    GET: requireRight("watch", async () => json(200, { modules: await services.modules() })),
  });
  resource(app, "/admin/v1/checks", {
    GET: requireRight("watch", async () => json(200, { checks: await services.checks() })),
  });
}
