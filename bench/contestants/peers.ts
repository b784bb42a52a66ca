/** The peers: compiled and installed in bench/peers by `npm run bench` (scripts/bench.mjs), each an API and a worker. */
import { randomBytes } from "node:crypto";
import path from "node:path";
import { root } from "../../test/support/checkout.js";
import { watchedServer } from "../costs/servers.js";
import { channelSecret, connectionsMax, merchant, webhookSecret } from "../world.js";
import { Child } from "./child.js";
import type { RunningContestant, Site, Start } from "./contestant.js";

/** The worker waits for more statements at a time than the API. Together: `connectionsMax`. */
const apiConnections = 12;

async function start(name: "dbos" | "bullmq", site: Site, redisUrl: string): Promise<RunningContestant> {
  const env = {
    PEER_DATABASE_URL: site.databaseUrl,
    PEER_CHANNEL_URL: site.channelUrl,
    PEER_CHANNEL_SECRET: channelSecret,
    PEER_WEBHOOK_SECRET: webhookSecret,
    PEER_MERCHANT: JSON.stringify(merchant),
    PEER_REDIS_URL: redisUrl,
    PEER_PREFIX: `b${randomBytes(6).toString("hex")}`,
    NODE_ENV: "production",
  };
  const part = (role: "api" | "worker", connections: number): Promise<Child> =>
    Child.start({
      name: role === "api" ? "bridge" : "worker",
      args: [...site.nodeArgs, path.join(root, "bench/peers/dist", name, `${role}.js`)],
      env: { ...env, PEER_DATABASE_CONNECTIONS: String(connections) },
      ready: /^ready (\{.*\})$/m,
    });
  // The worker creates the tables.
  const children = [await part("worker", connectionsMax - apiConnections)];
  const stop = async (): Promise<void> => void (await Promise.all(children.map((child) => child.stop())));
  try {
    const api = await part("api", apiConnections);
    children.unshift(api);
    return {
      baseUrl: (JSON.parse(api.ready[1] ?? "{}") as { readonly bridge: string }).bridge,
      processes: children,
      brokers: redisUrl === "" ? [] : watchedServer("broker", redisUrl),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

export const dbos: Start = (site) => start("dbos", site, "");

export const bullmq =
  (redisUrl: string): Start =>
  (site) =>
    start("bullmq", site, redisUrl);
