/** What every HTTP server of ours answers to whoever looks after it: does it live, can it work, what does it count. */
import type { FastifyInstance } from "fastify";
import { json } from "./answer.js";
import { resource } from "./server.js";

export interface Probes {
  ready(): Promise<{ readonly ready: boolean; readonly why?: string }>;
  /** Prometheus text. */
  metrics(): Promise<string>;
}

export function probeRoutes(app: FastifyInstance, probes: Probes): void {
  resource(app, "/healthz", { GET: () => json(200, { status: "ok" }) });
  resource(app, "/readyz", {
    GET: async () => {
      const state = await probes.ready();
      return json(state.ready ? 200 : 503, state);
    },
  });
  resource(app, "/metrics", {
    GET: async () => ({
      status: 200,
      contentType: "text/plain; version=0.0.4; charset=utf-8",
      headers: {},
      body: await probes.metrics(),
    }),
  });
}
