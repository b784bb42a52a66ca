/**
 * The group commit at work: K orders in flight against a bridge in one process and all workers in another, on a real
 * PostgreSQL; an order counts when its notification has arrived. Prints what was measured, as one run's figures:
 * machines differ, ratios count.
 *
 * npm run throughput [-- --in-flight 64 --seconds 15 --warm-up 10]
 */
import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { Pool } from "undici";
import { signRequest } from "../adapters/http/sign.js";
import { Cluster } from "../test/support/cluster.js";
import { freePort } from "../test/support/ports.js";
import { withDatabase } from "./database.js";

const { values } = parseArgs({
  options: {
    "in-flight": { type: "string", default: "64" },
    seconds: { type: "string", default: "15" },
    "warm-up": { type: "string", default: "10" },
  },
});
const inFlight = Number(values["in-flight"]);
const seconds = Number(values.seconds);
const warmUpSeconds = Number(values["warm-up"]);

const adminToken = "throughput-admin-token";
const waiting = new Map<string, () => void>();

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}

/** The merchant of this run: an order ends when its notification comes in. */
const merchant = createServer((request, response) => {
  void textOf(request).then((text) => {
    const { data } = JSON.parse(text) as { readonly data: { readonly merchantOrderId: string } };
    response.end("success");
    waiting.get(data.merchantOrderId)?.();
  });
});
await new Promise<void>((resolve) => merchant.listen(0, "127.0.0.1", resolve));
const notifyUrl = `http://127.0.0.1:${(merchant.address() as AddressInfo).port}/notify`;

interface Site {
  readonly cluster: Cluster;
  readonly pool: Pool;
  readonly adminPort: number;
}

/** Sums of the counters over both processes. */
async function counters({
  cluster,
  adminPort,
}: Site): Promise<Readonly<Record<"commits" | "units", number>>> {
  const texts = await Promise.all(
    [cluster.bridge, `http://127.0.0.1:${adminPort}`].map(async (url) => {
      const answer = await fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${adminToken}` } });
      return answer.text();
    }),
  );
  const sum = (name: string): number =>
    texts.reduce(
      (total, text) => total + Number(new RegExp(`^${name}\\{.*\\} (\\S+)$`, "m").exec(text)?.[1] ?? 0),
      0,
    );
  return { commits: sum("valence_commits_total"), units: sum("valence_units_total") };
}

async function pay({ cluster, pool }: Site): Promise<void> {
  const merchantOrderId = randomUUID();
  const body = JSON.stringify({
    merchantOrderId,
    amount: 100,
    currency: "CNY",
    subject: "throughput",
    notifyUrl,
  });
  const authorization = signRequest({
    ...cluster.credentials,
    method: "POST",
    path: "/v1/orders",
    body,
    algorithm: "hmac-sha256",
    nowMs: Date.now(),
    nonce: merchantOrderId,
  });
  const notified = new Promise<void>((resolve) => waiting.set(merchantOrderId, resolve));
  const headers = { "content-type": "application/json", authorization };
  const answer = await pool.request({ method: "POST", path: "/v1/orders", body, headers });
  const text = await answer.body.text();
  if (answer.statusCode >= 300) throw new Error(`${answer.statusCode} ${text}`);
  await notified;
  waiting.delete(merchantOrderId);
}

async function load(site: Site, forSeconds: number): Promise<readonly number[]> {
  const latenciesMs: number[] = [];
  const endMs = performance.now() + forSeconds * 1000;
  const loop = async (): Promise<void> => {
    while (performance.now() < endMs) {
      const startedMs = performance.now();
      await pay(site);
      latenciesMs.push(performance.now() - startedMs);
    }
  };
  await Promise.all(Array.from({ length: inFlight }, loop));
  return latenciesMs.sort((a, b) => a - b);
}

async function measure(site: Site): Promise<void> {
  process.stderr.write(`warming up for ${warmUpSeconds} s\n`);
  await load(site, warmUpSeconds);
  process.stderr.write(`measuring for ${seconds} s\n`);
  const before = await counters(site);
  const startedMs = performance.now();
  const latenciesMs = await load(site, seconds);
  const elapsedS = (performance.now() - startedMs) / 1000;
  const after = await counters(site);
  const commits = after.commits - before.commits;
  const units = after.units - before.units;
  const at = (share: number): number =>
    latenciesMs[Math.min(latenciesMs.length - 1, Math.floor(latenciesMs.length * share))] ?? 0;
  const result = {
    machine: `${cpus().length} x ${cpus()[0]?.model ?? "?"}`,
    inFlight,
    payments: latenciesMs.length,
    paymentsPerSecond: Math.round(latenciesMs.length / elapsedS),
    p50Ms: Math.round(at(0.5)),
    p99Ms: Math.round(at(0.99)),
    commits,
    commitsPerPayment: Number((commits / latenciesMs.length).toFixed(3)),
    unitsPerCommit: Number((units / commits).toFixed(1)),
    unitsPerPayment: Number((units / latenciesMs.length).toFixed(2)),
    paymentsPerCommit: Number((latenciesMs.length / commits).toFixed(2)),
  };
  process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
}

try {
  await withDatabase("throughput", async (databaseUrl) => {
    const adminPort = await freePort();
    const cluster = await Cluster.start(
      databaseUrl,
      [["flow", "channel:simulator", "notify", "feed", "scheduler", "admin"], ["bridge"]],
      new Map(),
      { VALENCE_ADMIN_PORT: String(adminPort), VALENCE_ADMIN_TOKEN: adminToken },
    );
    const pool = new Pool(cluster.bridge, { connections: inFlight, pipelining: 1 });
    try {
      await measure({ cluster, pool, adminPort });
    } finally {
      await pool.close();
      await cluster.stop();
    }
  });
} finally {
  merchant.close();
  merchant.closeAllConnections();
}
