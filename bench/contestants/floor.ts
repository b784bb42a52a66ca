/** The floor: pgbench on bench/floor.sql. What PostgreSQL alone can do when every payment commits by itself, twice. */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import pg from "pg";
import { root } from "../../test/support/checkout.js";
import { databaseCosts, processorCosts } from "../costs/account.js";
import { readPostgres } from "../costs/postgres.js";
import { ownSeconds, treeSeconds } from "../costs/proc.js";
import { watchedServer } from "../costs/servers.js";
import { withDatabase } from "../database.js";
import type { LoadSettings, Measurement } from "../measurement.js";
import { percentile } from "../report/percentile.js";
import { connectionsMax } from "../world.js";
import { endWithUs } from "./child.js";

/** Of pgbench itself. */
const threads = 2;

/** Beside the newest server, where Debian keeps it, or on the path. */
function pgbench(): string {
  const debian = "/usr/lib/postgresql";
  const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => Number(b) - Number(a)) : [];
  return (
    versions.map((version) => path.join(debian, version, "bin/pgbench")).find((file) => existsSync(file)) ??
    "pgbench"
  );
}

function start(databaseUrl: string, seconds: number, logPrefix?: string): ChildProcess {
  const url = new URL(databaseUrl);
  const args = [
    ...["-h", url.hostname, "-p", url.port || "5432", "-U", decodeURIComponent(url.username)],
    ...["-n", "-M", "prepared", "-c", String(connectionsMax), "-j", String(threads), "-T", String(seconds)],
    ...["-f", path.join(root, "bench/floor.sql")],
    ...(logPrefix === undefined ? [] : ["-l", "--log-prefix", logPrefix]),
    url.pathname.slice(1),
  ];
  const child = spawn(pgbench(), args, {
    env: { ...process.env, PGPASSWORD: decodeURIComponent(url.password) },
    stdio: ["ignore", "ignore", "pipe"],
  });
  endWithUs(child);
  return child;
}

/** @throws Error with what pgbench said */
async function end(child: ChildProcess): Promise<void> {
  let said = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => (said += text));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  if (code !== 0) throw new Error(`pgbench ended with ${code}\n${said}`);
}

/** Milliseconds of every transaction, ascending, from pgbench's logs: `client number µs script epoch µs`. */
export function latenciesOf(logs: readonly string[]): Float64Array {
  const lines = logs.flatMap((log) => log.split("\n").filter((line) => line !== ""));
  return Float64Array.from(lines, (line) => Number(line.split(" ", 3)[2]) / 1000).sort();
}

export const measureFloor = (settings: LoadSettings): Promise<Measurement> =>
  withDatabase("bench", async (databaseUrl) => {
    const folder = mkdtempSync(path.join(tmpdir(), "valence-bench-"));
    try {
      return await measureIn(folder, databaseUrl, settings);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

async function measureIn(
  folder: string,
  databaseUrl: string,
  { seconds, warmUpSeconds }: LoadSettings,
): Promise<Measurement> {
  const client = new pg.Client(databaseUrl);
  await client.connect();
  await client.query(readFileSync(path.join(root, "bench/floor-schema.sql"), "utf8"));
  await client.end();
  await end(start(databaseUrl, warmUpSeconds));

  const servers = watchedServer("postgres", databaseUrl);
  const serverSeconds = (): Record<string, number> =>
    Object.fromEntries(servers.map(({ name, pid }) => [name, treeSeconds(pid)]));
  const before = await readPostgres(databaseUrl);
  const processorBefore = { ...serverSeconds(), pgbench: 0 };
  const startedMs = performance.now();
  const child = start(databaseUrl, seconds, path.join(folder, "log"));
  const ended = end(child);
  let pgbenchSeconds = 0;
  const watch = setInterval(() => {
    pgbenchSeconds = ownSeconds(child.pid ?? 0) || pgbenchSeconds;
  }, 100);
  await ended.finally(() => clearInterval(watch));
  const elapsedMs = performance.now() - startedMs;
  const processorAfter = { ...serverSeconds(), pgbench: pgbenchSeconds };

  const logs = readdirSync(folder).map((file) => readFileSync(path.join(folder, file), "utf8"));
  const latencies = latenciesOf(logs);
  return {
    paymentsPerSecond: latencies.length / (elapsedMs / 1000),
    p50Ms: percentile(latencies, 0.5),
    p99Ms: percentile(latencies, 0.99),
    processorMs: processorCosts(processorBefore, processorAfter, latencies.length),
    database: databaseCosts(before, await readPostgres(databaseUrl), latencies.length),
    connections: connectionsMax,
    payments: latencies.length,
    failures: [],
  };
}
