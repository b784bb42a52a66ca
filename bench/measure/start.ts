/** Cold start of `valence up` on existing data: how long until it says that it is up. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { Client, submit } from "../../test/support/client.js";
import { valence } from "../../test/support/system.js";
import { demoFileOf, type DemoFile } from "../../adapters/data/demo-file.js";
import { Child } from "../contestants/child.js";
import { withDatabase } from "../database.js";
import { start, type StartFigures } from "../report/sections/start.js";
import { figure } from "../report/table.js";
import { defineMeasure } from "./measure.js";

type Case = StartFigures["cases"][number];
type Say = (text: string) => void;

interface Settings {
  readonly orders: number;
  readonly starts: number;
}

/** Each on a port the machine picks. */
const listeners = ["BRIDGE", "ADMIN", "SIMULATOR", "MERCHANT"] as const;
/** In flight while orders are made. */
const submitters = 16;
/** Between two starts, so that the process before it had something to do. */
const ordersBetween = 10;
const submitMsMax = 60_000;

let made = 0;

async function makeOrders(dataDir: string, count: number): Promise<void> {
  const demo = JSON.parse(readFileSync(demoFileOf(dataDir), "utf8")) as DemoFile;
  const client = new Client(demo.bridge, demo);
  const giveUpAtMs = Date.now() + submitMsMax;
  const end = made + count;
  const submitter = async (): Promise<void> => {
    while (made < end) {
      made += 1;
      const merchantOrderId = `start-${process.pid}-${made}`;
      const order = { merchantOrderId, amount: 100, currency: "CNY", subject: "start" };
      const { status, body } = await submit(client, { ...order, notifyUrl: demo.notifyUrl }, giveUpAtMs);
      if (status >= 300) throw new Error(`an order was refused: ${status} ${JSON.stringify(body)}`);
    }
  };
  await Promise.all(Array.from({ length: submitters }, submitter));
}

async function timed(dataDir: string, databaseUrl?: string): Promise<readonly [Child, number]> {
  const database = databaseUrl === undefined ? [] : ["--database", databaseUrl];
  const startedMs = performance.now();
  const up = await Child.start({
    name: "up",
    args: [valence, "up", "--data", dataDir, ...database],
    env: Object.fromEntries(listeners.map((name) => [`VALENCE_${name}_PORT`, "0"])),
    ready: /^Valence is up/m,
  });
  return [up, performance.now() - startedMs];
}

/** Both ways of ending, alternately, so that neither has the warmer machine. */
async function onDatabase(
  database: Case["database"],
  { orders, starts }: Settings,
  say: Say,
  databaseUrl?: string,
): Promise<{ readonly cases: readonly Case[]; readonly firstMs: number }> {
  const dataDir = mkdtempSync(path.join(tmpdir(), "valence-start-"));
  const readyMs = { stop: [] as number[], "kill -9": [] as number[] };
  const ends = ["stop", "kill -9"] as const;
  let [up, lastMs] = await timed(dataDir, databaseUrl);
  const firstMs = lastMs;
  try {
    say(`${database}: ${figure(orders)} orders`);
    await makeOrders(dataDir, orders);
    for (let index = 0; index < starts * ends.length; index += 1) {
      const after = ends[index % ends.length] ?? "stop";
      await makeOrders(dataDir, ordersBetween);
      await (after === "stop" ? up.stop() : up.kill());
      [up, lastMs] = await timed(dataDir, databaseUrl);
      readyMs[after].push(lastMs);
      say(`${database}, after ${after}: ${figure(lastMs)} ms`);
    }
  } finally {
    await up.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
  return { cases: ends.map((after) => ({ database, after, readyMs: readyMs[after] })), firstMs };
}

async function measure(settings: Settings, say: Say): Promise<StartFigures> {
  const embedded = await onDatabase("embedded", settings, say);
  const server = await withDatabase("start", (url) => onDatabase("PostgreSQL", settings, say, url));
  return {
    orders: settings.orders,
    cases: [...embedded.cases, ...server.cases],
    firstMs: { embedded: embedded.firstMs, PostgreSQL: server.firstMs },
  };
}

export const startMeasure = defineMeasure({
  section: start,
  flags: {
    orders: { preset: 500, help: "orders made first, on either database" },
    starts: { preset: 5, help: "starts of each kind" },
  },
  measure,
});
