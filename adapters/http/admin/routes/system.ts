/** For probes and scrapers: answered without a token. */
import type { FastifyInstance } from "fastify";
import { json } from "../../answer.js";
import { resource } from "../../server.js";
import type { AdminServices } from "../services.js";

export function systemRoutes(app: FastifyInstance, services: AdminServices): void {
  resource(app, "/healthz", { GET: () => json(200, { status: "ok" }) });
  resource(app, "/readyz", {
    GET: async () => {
      const state = await services.ready();
      return json(state.ready ? 200 : 503, state);
    },
  });
  resource(app, "/metrics", {
    GET: async () => ({
      status: 200,
      contentType: "text/plain; version=0.0.4; charset=utf-8",
      headers: {},
      body: await services.metrics(),
    }),
  });
}
