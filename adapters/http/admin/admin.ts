/**
 * The admin API: what operators see and change, and the console that shows it. Everything below /admin needs the bearer
 * token; every change carries who makes it and why, which the audit keeps.
 */
import { limits } from "../../../engine/limits.js";
import { probeRoutes } from "../probes.js";
import { createServer } from "../server.js";
import { consoleRoutes } from "./console.js";
import { flowRoutes } from "./routes/flows.js";
import { orderRoutes } from "./routes/orders.js";
import { channelRoutes } from "./routes/channels.js";
import { queueRoutes } from "./routes/queues.js";
import { ruleRoutes } from "./routes/rules.js";
import { throughputRoutes } from "./routes/throughput.js";
import type { AdminServices } from "./services.js";
import { requireToken } from "./token.js";

export interface Admin {
  /** Port 0 picks a free one. Resolves with the URL that answers. */
  listen(port: number, host: string): Promise<string>;
  close(): Promise<void>;
}

export async function createAdmin(services: AdminServices): Promise<Admin> {
  const app = createServer({ ...services, bodyBytesMax: limits.definitionBytesMax });
  await app.register(async (scope) => {
    requireToken(scope, services.token);
    flowRoutes(scope, services);
    orderRoutes(scope, services);
    queueRoutes(scope, services);
    channelRoutes(scope, services.routing);
    ruleRoutes(scope, services.routing);
    throughputRoutes(scope, services);
  });
  await app.register(async (scope) => {
    // For probes and scrapers: answered without a token.
    probeRoutes(scope, services);
  });
  // Without a token, too: it holds no data.
  await app.register((scope) => consoleRoutes(scope, services.consoleDir));
  await app.ready();
  return { listen: (port, host) => app.listen({ port, host }), close: () => app.close() };
}
