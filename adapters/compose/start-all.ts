/** `valence up`: every module, the simulated institution and a demo merchant in one process. */
import { rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { startSimulator } from "../channels/simulator/institution.js";
import { type DemoFile, demoFileOf } from "../data/demo-file.js";
import { lockData } from "../data/lock.js";
import { randomSecret, writePrivate } from "../data/secrets.js";
import type { DemoShop } from "../http/demo-shop.js";
import { startMerchant } from "../http/merchant/server.js";
import type { Settings } from "../settings/index.js";
import { type EmbeddedDatabase, startEmbedded } from "../store/postgres/embedded.js";
import { ensureMerchant } from "../store/postgres/setup.js";
import type { Kernel } from "./kernel.js";
import {
  building,
  installDefaults,
  presetsOf,
  secretOf,
  Stack,
  startKernel,
  startNamed,
  type System,
  systemOf,
} from "./system.js";

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

/** The simulated channel only while its institution runs here. */
const channelsToStart = ({ channels, simulator }: Settings): readonly string[] =>
  channels.start
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "" && (name !== "simulator" || simulator.enabled));

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
