/**
 * Valence as an operator starts it: the bridge in one process, every other module in another, settings as shipped but
 * for ports, secrets, the log level and the number of database connections.
 */
import { randomBytes } from "node:crypto";
import path from "node:path";
import { connect } from "../../adapters/store/postgres/database.js";
import { migrate } from "../../adapters/store/postgres/migrate.js";
import { ensureMerchant } from "../../adapters/store/postgres/setup.js";
import { root } from "../../test/support/checkout.js";
import { channelSecret, merchant, webhookSecret } from "../world.js";
import { watchedServer } from "../costs/servers.js";
import { Child } from "./child.js";
import type { RunningContestant, Site, Start, Watched } from "./contestant.js";

const workers = ["flow", "channel:simulator", "notify", "feed", "scheduler", "admin"];
/** Of each process's pool; beside it a process holds connections of its own for its hot loops. */
const poolConnections = "8";

async function prepare(databaseUrl: string): Promise<void> {
  await migrate({ url: databaseUrl, embedded: false });
  const database = connect({
    url: databaseUrl,
    embedded: false,
    applicationName: "bench",
    connectionsMax: 1,
  });
  try {
    await ensureMerchant(database.pool, {
      merchantId: merchant.merchantId,
      name: "Shop",
      businesses: ["pay", "topup"],
      webhookSecret,
      keyId: merchant.keyId,
      hmacSecret: merchant.secret,
    });
  } finally {
    await database.close();
  }
}

async function start(site: Site, busUrl: string | undefined): Promise<RunningContestant> {
  await prepare(site.databaseUrl);
  const token = randomBytes(16).toString("hex");
  const env = {
    VALENCE_BRIDGE_PORT: "0",
    VALENCE_ADMIN_PORT: "0",
    VALENCE_ADMIN_TOKEN: token,
    VALENCE_NOTIFY_ALLOW_LOOPBACK: "true",
    VALENCE_SIMULATOR_URL: site.channelUrl,
    VALENCE_SIMULATOR_SECRET: channelSecret,
    VALENCE_DATABASE_CONNECTIONS_MAX: poolConnections,
    VALENCE_LOG_LEVEL: "warn",
    ...(busUrl === undefined
      ? {}
      : { VALENCE_BUS_URL: busUrl, VALENCE_BUS_NAMESPACE: `b${randomBytes(6).toString("hex")}` }),
  };
  const module = (name: string, modules: readonly string[]): Promise<Child> =>
    Child.start({
      name,
      args: [
        ...site.nodeArgs,
        path.join(root, "bin/valence"),
        ...["run", ...modules, "--database", site.databaseUrl, "--data", path.join(site.folder, name)],
      ],
      env,
      ready: /^ready .* (\{.*\})$/m,
    });
  const worker = await module("worker", workers);
  const children = [worker];
  const stop = async (): Promise<void> => void (await Promise.all(children.map((child) => child.stop())));
  try {
    const bridge = await module("bridge", ["bridge"]);
    children.unshift(bridge);
    const baseUrl = addressOf(bridge, "bridge");
    const watched = (child: Child, address: string): Watched => ({
      ...{ name: child.name, pid: child.pid, metricsUrl: `${address}/metrics` },
    });
    return {
      baseUrl,
      processes: [watched(bridge, baseUrl), watched(worker, addressOf(worker, "admin"))],
      admin: { url: addressOf(worker, "admin"), token },
      brokers: busUrl === undefined ? [] : watchedServer("broker", busUrl),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Where a module of the process listens, as its ready line has it. */
const addressOf = ({ ready }: Child, module: string): string =>
  (JSON.parse(ready[1] ?? "{}") as Readonly<Record<string, string>>)[module] ?? "";

/** @param busUrl undefined: the bus in PostgreSQL */
export const valence =
  (busUrl: string | undefined): Start =>
  (site) =>
    start(site, busUrl);
