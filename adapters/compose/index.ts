/**
 * The only place where everything meets. `startAll` is `valence up`: every module, the simulated institution and a
 * demo merchant in one process. `startModules` is `valence run`: the modules that were named, and nothing else.
 */
import { readFileSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { ValenceError } from "../../engine/errors.js";
import { startSimulator } from "../channels/simulator/institution.js";
import { keptSecret, randomSecret, writePrivate } from "../data/secrets.js";
import { type DemoFile, demoFileOf } from "../data/demo-file.js";
import { lockData } from "../data/lock.js";
import type { DemoShop } from "../http/demo-shop.js";
import { startMerchant } from "../http/merchant/server.js";
import type { Settings } from "../settings/index.js";
import { type EmbeddedDatabase, startEmbedded } from "../store/postgres/embedded.js";
import { ensureMerchant } from "../store/postgres/setup.js";
import { createKernel, type Kernel, type KernelOptions } from "./kernel.js";
import { moduleNames } from "./module-names.js";
import { type Module, type ModuleContext, queuesOf, startModule } from "./modules.js";
import { startProbes } from "./probes.js";
import { productRoot, readDefinitions } from "./root.js";

export interface System {
  /** Where it can be reached, by name: `bridge`, `admin`, `simulator`, `merchant`. */
  readonly addresses: Readonly<Record<string, string>>;
  readonly instance: string;
  /** A one-time way in for the very first administrator, when there is nobody else who could let people in. Secret. */
  readonly firstLink?: string;
  /** Stops in order: no new work, work finished or handed back, then connections. Within `shutdown.deadlineMs`. */
  stop(): Promise<void>;
}

export { type DemoFile, demoFileOf };

/** Things to stop, in the reverse order of their start. */
class Stack {
  readonly #stops: ((deadlineMs: number) => Promise<void> | void)[] = [];

  push(stop: (deadlineMs: number) => Promise<void> | void): void {
    this.#stops.push(stop);
  }

  /** A stop that fails must not keep the others from stopping; the first failure is thrown at the end. */
  async unwind(deadlineMs: number): Promise<void> {
    const failures: unknown[] = [];
    // One deadline for all: a slow module takes from the patience with the next one, not from the operator's.
    const giveUpAtMs = performance.now() + deadlineMs;
    for (const stop of this.#stops.splice(0).reverse()) {
      try {
        await stop(Math.max(0, giveUpAtMs - performance.now()));
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
  }
}

/** Starts what `build` starts, and takes it down again if `build` fails half-way. */
async function building<T>(stack: Stack, build: () => Promise<T>): Promise<T> {
  try {
    return await build();
  } catch (error) {
    await stack.unwind(0).catch(() => undefined);
    throw error;
  }
}

const demoMerchant = {
  merchantId: "demo",
  keyId: "demo-key",
  name: "Demo merchant",
  businesses: ["pay", "topup"],
};

export function startAll(settings: Settings): Promise<System> {
  const stack = new Stack();
  return building(stack, async () => {
    const dataDir = resolve(settings.data.dir);
    const lock = lockData(dataDir);
    stack.push(() => {
      lock.release();
    });
    let embedded: EmbeddedDatabase | undefined;
    if (settings.database.url === "") {
      embedded = await startEmbedded(dataDir);
      stack.push(() => embedded?.close());
    }
    const kernel = await startKernel(stack, settings, {
      service: "up",
      edgeOnly: false,
      ...(embedded ? { embeddedUrl: embedded.url } : {}),
    });
    // Nobody else works on an embedded database: whatever is leased was leased by a process that died.
    if (embedded) await kernel.store.releaseDeadLeases(0);
    await installDefaults(kernel);

    const addresses: Record<string, string> = {};
    const simulatorSecret = secretOf(settings, dataDir);
    if (settings.simulator.enabled) {
      const simulator = await startSimulator({
        port: settings.simulator.port,
        ledgerFile: join(dataDir, "simulator.ledger"),
        secret: simulatorSecret,
        callbackUrl: () => addresses["bridge"] && `${addresses["bridge"]}/channels/simulator/notify`,
      });
      stack.push(() => simulator.close());
      addresses["simulator"] = simulator.url;
    }
    const demo = await startDemoMerchant(stack, kernel, dataDir);
    if (demo.url !== undefined) addresses["merchant"] = demo.url;

    const adminToken = settings.admin.token === "" ? randomSecret() : settings.admin.token;
    // Known when the bridge is up, and asked for only then.
    const open: { shop?: DemoShop } = {};
    const names = [
      ...channelsToStart(settings).map((channel) => `channel:${channel}`),
      "flow",
      "notify",
      "feed",
      "scheduler",
      "admin",
      "bridge",
    ];
    const context = {
      kernel,
      channelPresets: presetsOf(simulatorSecret, addresses["simulator"] ?? settings.simulator.url),
      adminToken,
      demoShop: () => open.shop,
    };
    const modules = await startNamed(stack, names, context);
    for (const { name, url } of modules) if (url !== undefined) addresses[name] = url;
    const shop = {
      bridge: addresses["bridge"] ?? "",
      merchantId: demoMerchant.merchantId,
      keyId: demo.keyId,
      secret: demo.secret,
      ...(demo.notifyUrl === undefined ? {} : { notifyUrl: demo.notifyUrl }),
    };

    open.shop = shop;

    const file: DemoFile = {
      ...shop,
      admin: addresses["admin"] ?? "",
      console: addresses["admin"] ?? "",
      ...(addresses["simulator"] === undefined ? {} : { simulator: addresses["simulator"] }),
      ...(demo.url === undefined ? {} : { merchant: demo.url }),
      webhookSecret: demo.webhookSecret,
      adminToken,
    };
    const path = demoFileOf(dataDir);
    writePrivate(path, `${JSON.stringify(file, null, 2)}\n`);
    stack.push(() => {
      rmSync(path, { force: true });
    });
    kernel.telemetry.log("info", { event: "system.ready", ...addresses });
    return systemOf(stack, settings, kernel, addresses, modules);
  });
}

export function startModules(names: readonly string[], settings: Settings): Promise<System> {
  if (settings.database.url === "") {
    throw new ValenceError(
      "settings_invalid",
      "database.url: separate processes need a PostgreSQL they can share; give --database or VALENCE_DATABASE_URL",
    );
  }
  const known = (name: string): boolean =>
    name.startsWith("channel:") || moduleNames.some((each) => each === name);
  const unknown = names.filter((name) => !known(name));
  if (names.length === 0 || unknown.length > 0) {
    const said = unknown.length > 0 ? `no module ${unknown.join(", ")}` : "no module named";
    throw new ValenceError(
      "settings_invalid",
      `${said}; there are ${[...moduleNames, "channel:<name>"].join(", ")}`,
    );
  }
  const stack = new Stack();
  return building(stack, async () => {
    const edgeOnly = names.every((name) => name === "bridge");
    const kernel = await startKernel(stack, settings, { service: names.join("+"), edgeOnly });
    if (!edgeOnly) await installDefaults(kernel);
    const adminToken = settings.admin.token === "" ? randomSecret() : settings.admin.token;
    const modules = await startNamed(stack, names, {
      kernel,
      channelPresets: presetsOf(
        secretOf(settings, resolve(settings.data.dir)),
        settings.simulator.url === ""
          ? `http://127.0.0.1:${settings.simulator.port}`
          : settings.simulator.url,
      ),
      adminToken,
    });
    const addresses = Object.fromEntries(
      modules.flatMap(({ name, url }) => (url === undefined ? [] : [[name, url]])),
    );
    kernel.telemetry.log("info", { event: "system.ready", modules: names, ...addresses });
    return systemOf(stack, settings, kernel, addresses, modules);
  });
}

const secretOf = (settings: Settings, dataDir: string): string =>
  settings.simulator.secret === "" ? keptSecret(dataDir, "simulator.secret") : settings.simulator.secret;

/** The settings `simulator.*` are those of every channel that fronts the simulated institution. */
const presetsOf =
  (secret: string, baseUrl: string): ModuleContext["channelPresets"] =>
  (driver) =>
    driver === "simulator" ? { secret, ...(baseUrl === "" ? {} : { baseUrl }) } : {};

/** The simulated channel only while its institution runs here. */
const channelsToStart = ({ channels, simulator }: Settings): readonly string[] =>
  channels.start
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "" && (name !== "simulator" || simulator.enabled));

async function startKernel(
  stack: Stack,
  settings: Settings,
  options: Omit<KernelOptions, "settings">,
): Promise<Kernel> {
  const kernel = await createKernel({ settings, ...options });
  stack.push(() => kernel.close());
  return kernel;
}

/** Consumers start last and stop first, so that nothing is taken that cannot be finished. */
async function startNamed(
  stack: Stack,
  names: readonly string[],
  context: Parameters<typeof startModule>[1],
): Promise<readonly Module[]> {
  // Known before they take their first message: a lease whose owner nobody knows counts as a dead one's.
  await context.kernel.announce(names.map((module) => ({ module, queues: queuesOf(module) })));
  const modules: Module[] = [];
  let serving = false;
  if (context.kernel.settings.probes.enabled) {
    const probes = await startProbes(context.kernel, () => serving);
    stack.push((deadlineMs) => probes.stop(deadlineMs));
    modules.push(probes);
  }
  for (const name of names) {
    const module = await startModule(name, context);
    stack.push((deadlineMs) => module.stop(deadlineMs));
    modules.push(module);
  }
  serving = true;
  // Unwound first: who asks whether it is ready hears that it stops before it does.
  stack.push(() => {
    serving = false;
  });
  return modules;
}

/** A database nobody has set up yet gets the definitions and routes this product ships with. */
async function installDefaults(kernel: Kernel): Promise<void> {
  const by = { author: "valence", reason: "first start" };
  if (!(await kernel.definitionStore.active())) {
    const result = await kernel.definitions
      .install(readDefinitions(join(productRoot, "flows")), by)
      .catch((error: unknown) => {
        // Another process of the same system was first.
        if (error instanceof ValenceError && error.code === "definitions_unserved") return undefined;
        throw error;
      });
    if (result && !result.applied) {
      throw new ValenceError(
        "definitions_unsound",
        `the definitions in ${join(productRoot, "flows")} do not compile; run valence flow check`,
      );
    }
  }
  await installRoutes(kernel);
  await kernel.configChanged();
}

async function installRoutes({ routes }: Kernel): Promise<void> {
  if (await routes.active()) return;
  const path = join(productRoot, "config", "routes.json");
  const file = { path, text: readFileSync(path, "utf8") };
  const result = await routes
    .apply(file, { author: "valence", reason: "first start" }, 0)
    .catch((error: unknown) => {
      // Another process of the same system was first.
      if (error instanceof ValenceError && error.code === "rules_superseded") return undefined;
      throw error;
    });
  if (result && !result.applied)
    throw new ValenceError("rules_unsound", `${path} does not check; run valence route check ${path}`);
}

async function startDemoMerchant(
  stack: Stack,
  kernel: Kernel,
  dataDir: string,
): Promise<{ keyId: string; secret: string; webhookSecret: string; url?: string; notifyUrl?: string }> {
  const secrets = await ensureMerchant(kernel.database.pool, {
    ...demoMerchant,
    webhookSecret: `whsec_${Buffer.from(randomSecret()).toString("base64")}`,
    hmacSecret: randomSecret(),
  });
  await kernel.configChanged();
  if (!kernel.settings.merchant.enabled) return secrets;
  const merchant = await startMerchant({
    port: kernel.settings.merchant.port,
    secret: secrets.webhookSecret,
    file: join(dataDir, "merchant.notifications"),
  });
  stack.push(() => merchant.close());
  return { ...secrets, url: merchant.url, notifyUrl: merchant.notifyUrl };
}

function systemOf(
  stack: Stack,
  settings: Settings,
  kernel: Kernel,
  addresses: Readonly<Record<string, string>>,
  modules: readonly Module[],
): System {
  let stopping: Promise<void> | undefined;
  const firstLink = modules.find((module) => module.firstLink !== undefined)?.firstLink;
  return {
    addresses,
    ...(firstLink === undefined ? {} : { firstLink }),
    instance: kernel.instance,
    stop: () => {
      stopping ??= stack.unwind(settings.shutdown.deadlineMs);
      return stopping;
    },
  };
}
