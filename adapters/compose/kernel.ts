/** What every process has, whichever modules it runs: database, bus, store, reference data, catalogue, worker. */
import { hostname } from "node:os";
import { atoms, vocabulary } from "../../atoms/index.js";
import type { AtomPorts } from "../../atoms/define.js";
import { domainTables } from "../../atoms/tables.js";
import { signatureOf } from "../../engine/compiler/signature.js";
import { ValenceError } from "../../engine/errors.js";
import type { LiveModule } from "../../engine/ports/index.js";
import { ActiveCatalogue } from "../../engine/registry/active-catalogue.js";
import { Definitions } from "../../engine/registry/definitions.js";
import { Routes } from "../../engine/registry/routes.js";
import { type Crash, type CrashPoint, crashPoints, neverCrash } from "../../engine/runtime/crash-points.js";
import { engineTables } from "../../engine/runtime/tables.js";
import { Worker } from "../../engine/runtime/worker.js";
import type { GuardedDriver } from "../channels/bulkhead.js";
import { mayLive, ownIdentity } from "../data/process-identity.js";
import { operatorActionsTable } from "../http/admin/tables.js";
import { noncesTable } from "../http/bridge/tables.js";
import { BatchError } from "../../engine/ports/store.js";
import { createWebhookSender } from "../http/webhook/sender.js";
import type { Settings } from "../settings/index.js";
import { ChannelHealth } from "../store/postgres/channel-health.js";
import { PostgresChannels } from "../store/postgres/channels.js";
import { connect, type Database } from "../store/postgres/database.js";
import { PostgresDefinitions } from "../store/postgres/definitions.js";
import { migrate, missingMigrations } from "../store/postgres/migrate.js";
import { type Heartbeat, startHeartbeat } from "../store/postgres/heartbeat/heartbeat.js";
import { PostgresModuleRegistry } from "../store/postgres/module-registry.js";
import { PostgresReference } from "../store/postgres/reference.js";
import { PostgresRoutes } from "../store/postgres/route-sets.js";
import { PostgresSeries } from "../store/postgres/series.js";
import { commitSetup } from "../store/postgres/statement.js";
import { PostgresStore } from "../store/postgres/store.js";
import { deadLettersTable } from "../store/postgres/tables.js";
import { VersionWatch } from "../store/postgres/version-watch.js";
import { systemClock, systemRandom } from "../system/clock.js";
import { createTelemetry, type ProcessTelemetry } from "../telemetry/index.js";
import { createBus, deskOf, type ProcessBus } from "./bus.js";
import { ProcessProgress } from "./progress.js";
import { recordedMetrics, Recorder } from "./recorder.js";
import { productVersion } from "./root.js";

/** Days of journal partitions made before work begins. */
const partitionDaysAhead = 7;
/** Broadcast when definitions, routes or merchants were changed: everyone looks at once instead of within 500 ms. */
export const configChangedTopic = "config.changed";

export interface KernelOptions {
  readonly settings: Settings;
  /** The URL of the embedded database, when that is what runs. */
  readonly embeddedUrl?: string;
  /** Names of the modules this process runs, for telemetry. */
  readonly service: string;
  /** The process may have the narrow rights of a bridge: it changes nothing but its own edge. */
  readonly edgeOnly: boolean;
}

export interface Kernel {
  readonly settings: Settings;
  readonly instance: string;
  readonly telemetry: ProcessTelemetry;
  readonly database: Database;
  readonly bus: ProcessBus;
  readonly store: PostgresStore;
  readonly watch: VersionWatch;
  readonly reference: PostgresReference;
  readonly catalogue: ActiveCatalogue;
  readonly routes: Routes;
  readonly channelAdmin: PostgresChannels;
  readonly health: ChannelHealth;
  readonly definitionStore: PostgresDefinitions;
  readonly definitions: Definitions;
  readonly registry: PostgresModuleRegistry;
  readonly series: PostgresSeries;
  readonly worker: Worker;
  readonly crash: Crash;
  /** What the modules of this process have done; every module reports to its own. */
  readonly progress: ProcessProgress;
  readonly clock: typeof systemClock;
  readonly random: typeof systemRandom;
  /** Drivers of the channels this process fronts; filled by the channel modules. */
  readonly channels: Map<string, GuardedDriver>;
  /** Makes modules of this process known and keeps them alive in the registry. */
  announce(modules: readonly Pick<LiveModule, "module" | "queues">[]): Promise<void>;
  /** Reads what is in force now, here and in every other process. */
  configChanged(): Promise<void>;
  /** Calls `listener` after reference data was read anew because somebody changed it; the result unsubscribes. */
  onConfigChanged(listener: () => void): () => void;
  close(): Promise<void>;
}

/** `VALENCE_TEST_CRASH=intent-committed:3` kills this process, as kill -9 does, when it gets there the third time. */
export function crashFrom(instruction: string | undefined): Crash {
  if (instruction === undefined || instruction === "") return neverCrash;
  const [point, count = "1"] = instruction.split(":");
  if (!crashPoints.includes(point as CrashPoint)) {
    throw new ValenceError(
      "settings_invalid",
      `no crash point ${point}; there are ${crashPoints.join(", ")}`,
    );
  }
  let left = Number(count);
  return (reached) => {
    if (reached === point && --left === 0) process.kill(process.pid, "SIGKILL");
  };
}

async function bringUpToDate(url: string, embedded: boolean, telemetry: ProcessTelemetry): Promise<void> {
  const migrations = await migrate({ url, embedded });
  if (migrations.length > 0) telemetry.log("info", { event: "schema.migrated", migrations });
}

/**
 * @throws ValenceError `schema_outdated` when the schema lacks something and this process may not add it,
 *   `database_unreachable`
 */
async function agreeOnSchema(
  database: Database,
  url: string,
  edgeOnly: boolean,
  telemetry: ProcessTelemetry,
): Promise<void> {
  const missing = await missingMigrations(database.pool).catch(async (error: unknown) => {
    await database.close();
    if (!(error instanceof BatchError)) throw error;
    throw new ValenceError("database_unreachable", error.message, { cause: error });
  });
  if (missing.length === 0) return;
  if (!edgeOnly) return bringUpToDate(url, false, telemetry);
  await database.close();
  throw new ValenceError(
    "schema_outdated",
    `the database lacks ${missing.join(", ")}; start any other module first`,
  );
}

export async function createKernel({
  settings,
  embeddedUrl,
  service,
  edgeOnly,
}: KernelOptions): Promise<Kernel> {
  const embedded = embeddedUrl !== undefined;
  const url = embeddedUrl ?? settings.database.url;
  const clock = systemClock;
  const random = systemRandom;
  const instance = random.id();
  const telemetry = createTelemetry({
    level: settings.log.level,
    format: settings.log.format,
    service,
    instance,
  });
  const crash = crashFrom(process.env["VALENCE_TEST_CRASH"]);

  if (embedded) await bringUpToDate(url, embedded, telemetry);
  const database = connect(
    {
      url,
      embedded,
      applicationName: `valence ${service}`,
      connectionsMax: settings.database.connectionsMax,
    },
    commitSetup,
  );
  const { pool } = database;
  if (!embedded) await agreeOnSchema(database, url, edgeOnly, telemetry);
  const bus = await createBus({ settings, database, clock, random, telemetry, instance, edgeOnly });
  const store = new PostgresStore({
    database,
    tables: [...engineTables, ...domainTables, deadLettersTable, noncesTable, operatorActionsTable],
    clock,
    telemetry,
    instance,
    desk: deskOf(bus, crash),
    batchUnitsMax: settings.engine.batchUnitsMax,
  });
  if (!edgeOnly) await store.ensurePartitions(partitionDaysAhead);

  const watch = new VersionWatch(pool, clock);
  const reference = new PostgresReference(pool, watch, clock);
  const definitionStore = new PostgresDefinitions(pool, random);
  const catalogue = new ActiveCatalogue(definitionStore);
  watch.on("definitions", () => catalogue.refresh());
  const registry = new PostgresModuleRegistry(pool);
  const freed = edgeOnly ? 0 : await registry.buryDead(mayLive);
  if (freed > 0) telemetry.log("info", { event: "leases.released", count: freed });
  const channelAdmin = new PostgresChannels(pool, random);
  const health = new ChannelHealth(pool, instance);
  const routes = new Routes({
    store: new PostgresRoutes(pool, random),
    channels: async () => (await channelAdmin.channels()).map(({ channel }) => channel),
  });
  const definitions = new Definitions({ store: definitionStore, modules: registry, vocabulary });
  const channels = new Map<string, GuardedDriver>();
  const webhooks = createWebhookSender({ allowLoopback: settings.notify.allowLoopback });
  const atomPorts: AtomPorts = {
    reference,
    rows: store,
    webhooks,
    fronts: (name) => channels.has(name),
    channel: (name) => {
      const driver = channels.get(name);
      if (!driver) throw new ValenceError("plan_unknown", `this process does not front channel ${name}`);
      return driver;
    },
  };
  const worker = new Worker({
    ports: { store, bus, clock, random, telemetry, catalogue, crash, atomPorts },
    atoms,
    dictionary: vocabulary.dictionary,
  });

  await bus.open();
  await watch.start();
  const changeListeners = new Set<() => void>();
  const readAnew = async (): Promise<void> => {
    await watch.check();
    for (const listener of changeListeners) listener();
  };
  // What modules report about channels has no version of its own.
  watch.on("channels", () => {
    for (const listener of changeListeners) listener();
  });
  bus.onBroadcast(configChangedTopic, () => {
    reference.channelsChanged();
    void readAnew().catch(() => undefined);
  });
  const progress = new ProcessProgress(telemetry);
  const series = new PostgresSeries(pool);
  const recorder = new Recorder({
    ...{ series, clock, random, telemetry, instance, service, host: hostname() },
    collect: () => telemetry.grown(recordedMetrics),
  });
  let heartbeat: Heartbeat | undefined;
  const signatures = Object.fromEntries([...atoms].map(([name, atom]) => [name, signatureOf(atom)]));

  return {
    settings,
    instance,
    telemetry,
    database,
    bus,
    store,
    watch,
    reference,
    catalogue,
    routes,
    channelAdmin,
    health,
    definitionStore,
    definitions,
    registry,
    series,
    worker,
    crash,
    progress,
    clock,
    random,
    channels,
    announce: async (modules) => {
      const self = {
        instance,
        host: hostname(),
        ...ownIdentity(),
        version: productVersion,
        atoms: signatures,
      };
      const rows = modules.map((module) => ({ ...self, ...module }));
      await registry.register(rows);
      await heartbeat?.stop();
      const names = modules.map(({ module }) => module);
      const paused = (): readonly (readonly string[])[] => names.map((name) => progress.of(name).paused);
      const board = progress.start(names, () => heartbeat?.paused(paused()));
      heartbeat = startHeartbeat({
        database,
        url,
        applicationName: `valence ${service}`,
        board,
        beating: { instance, modules: names, paused: paused() },
        clock,
        telemetry,
        // Taken for dead after a long silence (a sleeping machine): it lives, and says so again.
        unknown: () => registry.register(rows),
      });
    },
    configChanged: async () => {
      reference.channelsChanged();
      await readAnew();
      bus.broadcast(configChangedTopic, {});
    },
    onConfigChanged: (listener) => {
      changeListeners.add(listener);
      return () => changeListeners.delete(listener);
    },
    close: async () => {
      await heartbeat?.stop();
      progress.stop();
      watch.stop();
      await registry.remove(instance).catch(() => undefined);
      await Promise.all([...channels.values()].map((driver) => driver.dispose()));
      await webhooks.close();
      await bus.close();
      // What the last payments counted, too.
      await recorder.stop();
      await database.close();
    },
  };
}
