/**
 * The modules: each takes a kernel, begins to serve and gives back how to stop. Any mix of them shares a process or
 * stands alone; none knows which others run beside it.
 */
import { systemFields, vocabulary } from "../../atoms/index.js";
import { ValenceError } from "../../engine/errors.js";
import { limits } from "../../engine/limits.js";
import { signalQueue } from "../../engine/runtime/message.js";
import { type GuardedDriver, withBulkhead } from "../channels/bulkhead.js";
import type { SettingSources } from "../channels/channel-settings.js";
import { channelDirs, loadChannel } from "../channels/load.js";
import { createBridge } from "../http/bridge/bridge.js";
import type { DemoShop } from "../http/demo-shop.js";
import { checkNotifyUrl } from "../http/webhook/sender.js";
import { type Duty, Scheduler } from "../schedule/scheduler.js";
import type { Sql } from "../store/postgres/database.js";
import { expiredOrders } from "../store/postgres/expiry.js";
import { channelQueues, startChannelModule } from "./channel-module.js";
import type { Kernel } from "./kernel.js";
import { createAdmin } from "../http/admin/admin.js";
import { adminServices } from "./admin-services.js";
import { createIdentity, tellAuditHead } from "./identity.js";
import type { Module } from "./module.js";
import { moduleNames } from "./module-names.js";
import { watchQueues } from "./queue-watch.js";
import { watchStandIns } from "./stand-in.js";
import { recordSystem } from "./system-recorder.js";
import { SystemView } from "./system-view.js";

export type { Module };

export interface ModuleContext {
  readonly kernel: Kernel;
  /** What this system knows of a driver's settings by itself: where the simulated institution runs, say. */
  readonly channelPresets: (driver: string) => NonNullable<SettingSources["presets"]>;
  readonly adminToken: string;
  /** The demo merchant, where there is one and the bridge is up. */
  readonly demoShop?: () => DemoShop | undefined;
}

/** Queues a module serves, patterns allowed; for the registry. */
export function queuesOf(name: string): readonly string[] {
  if (name === "flow") return ["flow.*"];
  if (name === "notify") return ["notify"];
  if (name === "feed") return ["feed.*"];
  if (!name.startsWith("channel:")) return [];
  const { charges, follow } = channelQueues(name.slice("channel:".length));
  return [charges, follow];
}

export function startModule(name: string, context: ModuleContext): Promise<Module> {
  if (name === "bridge") return startBridge(context);
  if (name === "flow") return startFlow(context);
  if (name === "notify") return startNotify(context);
  if (name === "feed") return startFeed(context);
  if (name === "scheduler") return startScheduler(context);
  if (name === "admin") return startAdmin(context);
  if (name.startsWith("channel:")) return startChannel(name.slice("channel:".length), context);
  const known = [...moduleNames, "channel:<name>"].join(", ");
  return Promise.reject(new ValenceError("settings_invalid", `no module ${name}; there are ${known}`));
}

async function startBridge({ kernel }: ModuleContext): Promise<Module> {
  const { settings, store, bus, reference, catalogue, clock, random, telemetry, instance, watch } = kernel;
  const bridge = await createBridge({
    store,
    bus,
    reference,
    catalogue,
    clock,
    random,
    telemetry,
    dictionary: vocabulary.dictionary,
    systemFields,
    settings: {
      instance,
      replyWaitMs: settings.bridge.replyWaitMs,
      inFlightMax: settings.bridge.inFlightMax,
      connectionsMax: settings.bridge.connectionsMax,
      arrivalMsMax: settings.bridge.arrivalMsMax,
      allowLoopbackNotify: settings.notify.allowLoopback,
    },
    checkNotifyUrl,
    progress: kernel.progress.of("bridge"),
    metrics: () => telemetry.metricsText(),
    ready: () => {
      if (watch.confirmedAgoMs > limits.referenceStaleMsMax) {
        return Promise.resolve({ ready: false, why: "the database does not answer" });
      }
      if (catalogue.version === 0)
        return Promise.resolve({ ready: false, why: "no definitions are in force" });
      return Promise.resolve({ ready: true });
    },
    readOrder: (orderId) => store.find("orders", { orderId }),
    readRefund: (refundId) => store.find("refunds", { refundId }),
    readRun: (runId) => store.find("runs", { runId }),
  });
  const url = await bridge.listen(settings.bridge.port, settings.bridge.host);
  return {
    name: "bridge",
    url,
    stop: async (deadlineMs) => {
      await Promise.race([bridge.drain(), pause(kernel, deadlineMs)]);
      await bridge.close();
    },
  };
}

async function startFlow({ kernel }: ModuleContext): Promise<Module> {
  const { bus, settings, worker, progress } = kernel;
  const watched = await watchQueues(kernel, "flow.");
  const standIns = await watchStandIns(kernel);
  const consumer = progress.of("flow").consume(bus, {
    queues: () => [...new Set([signalQueue, ...watched.queues(), ...standIns.queues()])],
    concurrency: settings.workers.flowConcurrency,
    handler: worker.handle,
  });
  return {
    name: "flow",
    stop: async (deadlineMs) => {
      watched.stop();
      standIns.stop();
      await consumer.stop(deadlineMs);
    },
  };
}

function startNotify({ kernel }: ModuleContext): Promise<Module> {
  const { bus, settings, worker, progress } = kernel;
  const queues = queuesOf("notify");
  const consumer = progress.of("notify").consume(bus, {
    queues: () => queues,
    concurrency: settings.workers.notifyConcurrency,
    handler: worker.handle,
  });
  return Promise.resolve({ name: "notify", stop: (deadlineMs) => consumer.stop(deadlineMs) });
}

/** Subscribers that keep a table for somebody else to read: apart from the notifier, so that neither waits for the other. */
async function startFeed({ kernel }: ModuleContext): Promise<Module> {
  const { bus, settings, worker, progress } = kernel;
  const watched = await watchQueues(kernel, "feed.");
  const consumer = progress.of("feed").consume(bus, {
    queues: () => watched.queues(),
    concurrency: settings.workers.feedConcurrency,
    handler: worker.handle,
  });
  return {
    name: "feed",
    stop: async (deadlineMs) => {
      watched.stop();
      await consumer.stop(deadlineMs);
    },
  };
}

/** Any folder that is a channel, behind its bulkhead. */
async function driverOf(name: string, { kernel, channelPresets }: ModuleContext): Promise<GuardedDriver> {
  const { settings, clock } = kernel;
  const channel = await loadChannel(name, { dirs: channelDirs(settings.channels.dir) });
  const concurrencyMax = Math.min(settings.workers.channelConcurrency, channel.manifest.concurrencyMax);
  const sources = {
    presets: channelPresets(channel.driver),
    file: settings.channel[name] ?? {},
    env: process.env,
  };
  return withBulkhead(channel.createDriver(sources, concurrencyMax), { clock, concurrencyMax });
}

async function startChannel(name: string, context: ModuleContext): Promise<Module> {
  return startChannelModule(context.kernel, await driverOf(name, context));
}

const expiry = (sql: Sql): Duty => ({
  work: "expiry",
  cron: "*/5 * * * * *",
  due: (limit) => expiredOrders(sql, limit),
});

function startScheduler({ kernel }: ModuleContext): Promise<Module> {
  const { store, bus, catalogue, clock, database, telemetry, crash, settings, series } = kernel;
  const scheduler = new Scheduler({
    housekeeping: store,
    bus,
    catalogue,
    clock,
    telemetry,
    crash,
    duties: [expiry(database.pool)],
    chores: [{ work: "series", cron: "30 * * * * *", run: () => series.rollUp() }],
    progress: kernel.progress.of("scheduler"),
    tickMs: settings.scheduler.tickMs,
    sweepAfterMs: settings.scheduler.sweepAfterMs,
    deadAfterMs: limits.moduleLostMs,
  });
  scheduler.start();
  return Promise.resolve({ name: "scheduler", stop: () => scheduler.stop() });
}

async function startAdmin({
  kernel,
  adminToken,
  demoShop = () => undefined,
}: ModuleContext): Promise<Module> {
  const { publicUrl, host, port } = kernel.settings.admin;
  const identity = createIdentity(kernel);
  const view = new SystemView(kernel);
  const admin = await createAdmin(adminServices(kernel, adminToken, identity, demoShop, view));
  const token = await identity.firstLink();
  const url = await admin.listen(port, host);
  const base = publicUrl === "" ? url : publicUrl.replace(/\/+$/, "");
  const stopTelling = tellAuditHead(kernel);
  const recorder = recordSystem(kernel, view);
  return {
    ...{ name: "admin", url },
    ...(token === undefined ? {} : { firstLink: `${base}/welcome#${token}` }),
    stop: async () => {
      stopTelling();
      await admin.close();
      await recorder.stop();
    },
  };
}

const pause = ({ clock }: Kernel, delayMs: number): Promise<void> =>
  new Promise((resolve) => void clock.after(delayMs, resolve));
