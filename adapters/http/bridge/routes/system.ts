/** For probes and scrapers: answered without credentials, also while the bridge is busy or stopping. */
import type { FastifyInstance } from "fastify";
import { probeRoutes } from "../../probes.js";
import type { Admission } from "../admission.js";
import type { BridgeDeps } from "../deps.js";

export function systemRoutes(app: FastifyInstance, deps: BridgeDeps, admission: Admission): void {
  probeRoutes(app, {
    ready: async () => (admission.stopped ? { ready: false, why: "the bridge is stopping" } : deps.ready()),
    metrics: () => deps.metrics(),
  });
}
