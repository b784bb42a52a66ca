/** For probes and scrapers: answered without credentials, also while the bridge is busy or stopping. */
import type { FastifyInstance } from "fastify";
import type { Admission } from "../admission.js";
import { json } from "../../answer.js";
import type { BridgeDeps } from "../deps.js";
import { resource } from "../../server.js";

export function systemRoutes(app: FastifyInstance, deps: BridgeDeps, admission: Admission): void {
  resource(app, "/healthz", { GET: () => json(200, { status: "ok" }) });
  resource(app, "/readyz", {
    GET: async () => {
      const state = admission.stopped ? { ready: false, why: "the bridge is stopping" } : await deps.ready();
      return json(state.ready ? 200 : 503, state);
    },
  });
  resource(app, "/metrics", {
    GET: async () => ({
      status: 200,
      contentType: "text/plain; version=0.0.4; charset=utf-8",
      headers: {},
      body: await deps.metrics(),
    }),
  });
}
