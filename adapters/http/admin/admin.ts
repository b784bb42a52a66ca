/**
 * The admin API: what operators see and change, and the console that shows it. Everything below /admin needs the bearer
 * token or a session whose user has the right the route names; every change carries who makes it and why, which the
 * audit keeps.
 */
import fastifyCookie from "@fastify/cookie";
import { limits } from "../../../engine/limits.js";
import { probeRoutes } from "../probes.js";
import { createServer } from "../server.js";
import { guard, type GuardedRoute } from "./access.js";
import { consoleRoutes } from "./console.js";
import { auditRoutes } from "./routes/audit.js";
import { channelRoutes } from "./routes/channels.js";
import { definitionRoutes } from "./routes/definitions.js";
import { demoRoutes } from "./routes/demo.js";
import { flowRoutes } from "./routes/flows.js";
import { orderRoutes } from "./routes/orders.js";
import { deadLetterRoutes } from "./routes/dead-letters.js";
import { moduleRoutes } from "./routes/modules.js";
import { queueRoutes } from "./routes/queues.js";
import { routeTrialRoutes } from "./routes/route-trials.js";
import { ruleRoutes } from "./routes/rules.js";
import { sessionRoutes } from "./routes/session.js";
import { userRoutes } from "./routes/users.js";
import { throughputRoutes } from "./routes/throughput.js";
import type { AdminServices } from "./services.js";

export interface Admin {
  /** Port 0 picks a free one. Resolves with the URL that answers. */
  listen(port: number, host: string): Promise<string>;
  close(): Promise<void>;
  /** Every route below /admin with what its caller must be allowed. */
  readonly routes: readonly GuardedRoute[];
}

export async function createAdmin(services: AdminServices): Promise<Admin> {
  const app = createServer({ ...services, bodyBytesMax: limits.definitionBytesMax });
  const routes: GuardedRoute[] = [];
  await app.register(fastifyCookie);
  await app.register(async (scope) => {
    const { identity, publicUrl } = services;
    guard(scope, services, (route) => routes.push(route));
    sessionRoutes(scope, identity, publicUrl);
    userRoutes(scope, identity, publicUrl);
    auditRoutes(scope, services.audit);
    demoRoutes(scope, services.demo);
    flowRoutes(scope, services.definitions);
    definitionRoutes(scope, services.definitions);
    orderRoutes(scope, services.orders);
    moduleRoutes(scope, services);
    queueRoutes(scope, services.queueing);
    deadLetterRoutes(scope, services.queueing);
    channelRoutes(scope, services.routing);
    ruleRoutes(scope, services.routing);
    routeTrialRoutes(scope, services.routing);
    throughputRoutes(scope, services);
  });
  await app.register(async (scope) => {
    // For probes and scrapers: answered without a token.
    probeRoutes(scope, services);
  });
  // Without a token, too: it holds no data.
  await app.register((scope) => consoleRoutes(scope, services.consoleDir));
  await app.ready();
  return { listen: (port, host) => app.listen({ port, host }), close: () => app.close(), routes };
}
