/** The admin API's services on this process's kernel. */
import { join } from "node:path";
import { vocabulary } from "../../atoms/index.js";
import { limits } from "../../engine/limits.js";
import type { Identity, Row } from "../../engine/ports/index.js";
import { verifyAudit } from "../../engine/registry/audit-chain.js";
import type { Author } from "../../engine/ports/author.js";
import type { DemoShop } from "../http/demo-shop.js";
import type { AdminServices } from "../http/admin/services.js";
import { PostgresAudit } from "../store/postgres/audit.js";
import { databaseChecks } from "../store/postgres/checks.js";
import { PostgresOutbox } from "../store/postgres/outbox.js";
import { demoServices } from "./demo-services.js";
import { definitionChecks } from "./definition-checks.js";
import { definitionServices } from "./definition-services.js";
import type { Kernel } from "./kernel.js";
import { orderServices } from "./order-services.js";
import { queueServices } from "./queue-services.js";
import { productRoot } from "./root.js";
import { routeServices } from "./route-services.js";
import { collectSystemMetrics } from "./system-metrics.js";
import { SystemView } from "./system-view.js";
import { throughputServices } from "./throughput-services.js";

export function adminServices(
  kernel: Kernel,
  token: string,
  identity: Identity,
  demoShop: () => DemoShop | undefined = () => undefined,
  systemView: SystemView = new SystemView(kernel),
): AdminServices {
  const { registry, bus, telemetry, clock, database, watch } = kernel;
  const auditStore = new PostgresAudit(database.pool);
  const outbox = bus.capabilities.transactional
    ? undefined
    : new PostgresOutbox(database.pool, kernel.instance);
  telemetry.beforeScrape(() =>
    collectSystemMetrics({
      ...{ view: systemView, sql: database.pool, telemetry },
      ...(outbox ? { outbox } : {}),
    }),
  );
  return {
    token,
    identity,
    audit: {
      entries: (filter) => auditStore.entries(filter),
      verify: (witness) => verifyAudit(auditStore, witness),
    },
    publicUrl: kernel.settings.admin.publicUrl,
    clock,
    telemetry,
    progress: kernel.progress.of("admin"),
    consoleDir: join(productRoot, "console/dist"),
    definitions: definitionServices(kernel),
    orders: orderServices(kernel),
    modules: async () => (await systemView.look()).modules,
    queueing: queueServices({
      kernel,
      view: systemView,
      audit: (action, subject, after, by) => audit(kernel, action, subject, after, by),
    }),
    routing: routeServices(kernel, systemView),
    demo: demoServices(demoShop),
    throughput: throughputServices(kernel, systemView),
    checks: async () => [
      ...(await databaseChecks(database.pool, {
        embedded: database.embedded,
        connectionsMax: kernel.settings.database.connectionsMax,
        nowMs: () => clock.nowMs(),
      })),
      ...(await definitionChecks(kernel.definitionStore, registry, vocabulary)),
    ],
    ready: () =>
      Promise.resolve(
        watch.confirmedAgoMs > limits.referenceStaleMsMax
          ? { ready: false, why: "the database does not answer" }
          : { ready: true },
      ),
    metrics: () => telemetry.metricsText(),
  };
}

async function audit(kernel: Kernel, action: string, subject: string, after: Row, by: Author): Promise<void> {
  const { author: who, reason } = by;
  const row = { auditId: kernel.random.id(), who, action, subject, after, reason };
  await kernel.store.commit({
    writes: [{ kind: "insert", table: "audit", exists: "conflict", row }],
    publish: [],
  });
}
