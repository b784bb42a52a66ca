/**
 * One of four channels hangs. Every channel has its own process, its own institution and its own steady stream of
 * orders that name it. First all are well; then the institution of one takes requests and answers nothing; then it
 * answers again, and whatever is open comes to its end.
 */
import { rmSync } from "node:fs";
import { cpus } from "node:os";
import type { LoggedRequest } from "../../../adapters/channels/institution-requests.js";
import { connect, type Database } from "../../../adapters/store/postgres/database.js";
import { Client } from "../client.js";
import { Cluster } from "../cluster.js";
import { freePort } from "../ports.js";
import { outcomeOf } from "../reconcile.js";
import { type ManifestChange, simulatedChannels } from "../simulated-channels.js";
import { BreakerWatch } from "./breaker-watch.js";
import { answersOf, type Figures, figuresOf, type Span } from "./figures.js";
import { OrderStream } from "./stream.js";

export const healthy = ["alpha", "beta", "gamma"] as const;
export const hung = "delta";
const all = [...healthy, hung];

export interface Experiment {
  readonly databaseUrl: string;
  /** Settings of all processes; the bus, for one. */
  readonly settings: Readonly<Record<string, string>>;
  readonly ordersPerSecond: number;
  readonly warmUpMs: number;
  readonly wellMs: number;
  readonly hangMs: number;
  readonly settleMsMax: number;
  /** What is different about the four channels. */
  readonly manifest?: ManifestChange;
  /** Told what begins. */
  readonly say?: (what: string) => void;
}

export interface HungReport {
  /** How its orders were answered. */
  readonly answers: Readonly<Record<"well" | "hanging" | "afterwards", Readonly<Record<string, number>>>>;
  /** From the beginning of the hang until the breaker opened; absent: it did not. */
  readonly openedAfterMs: number | undefined;
  /** Charges its institution received while it hung. */
  readonly chargesSent: number;
  /** From the end of the hang until the breaker closed, and until an order sent after it was answered as paid. */
  readonly closedAfterMs: number | undefined;
  readonly paidAfterMs: number | undefined;
}

export interface Reconciled {
  /** Runs that are not over and messages nobody has dealt with, when patience ended. */
  readonly open: number;
  readonly parked: readonly string[];
  /** Orders by channel and final state, `delta paid`. */
  readonly orders: Readonly<Record<string, number>>;
  /** Payments that were charged and pay no order, pay an order and were not charged, were charged more than once. */
  readonly chargedForNothing: readonly string[];
  readonly paidForNothing: readonly string[];
  readonly chargedTwice: readonly string[];
  /** From the last order until nothing was left to happen. */
  readonly settledAfterMs: number;
}

export interface BulkheadReport {
  readonly others: readonly {
    readonly channel: string;
    readonly well: Figures;
    readonly hanging: Figures;
  }[];
  readonly hung: HungReport;
  readonly end: Reconciled;
  /** Share of the machine's processors that had nothing to do; what else ran there blurs the figures. */
  readonly idle: Readonly<Record<"well" | "hanging", number>>;
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

export async function hangOneOfFour(experiment: Experiment): Promise<BulkheadReport> {
  const { databaseUrl, settings, manifest = {} } = experiment;
  const dir = simulatedChannels(Object.fromEntries(all.map((channel) => [channel, manifest])));
  const probesPort = String(await freePort());
  const modules = [["bridge"], ["flow"], ["scheduler", "notify", "feed"]];
  const cluster = await Cluster.start(
    databaseUrl,
    [...modules, ...all.map((channel) => [`channel:${channel}`])],
    new Map(),
    { VALENCE_CHANNELS_DIR: dir, ...settings },
    undefined,
    (name): Readonly<Record<string, string>> =>
      name === `channel:${hung}` ? { VALENCE_PROBES_ENABLED: "true", VALENCE_PROBES_PORT: probesPort } : {},
    all,
  );
  const database = connect({
    ...{ url: databaseUrl, embedded: false, applicationName: "bulkhead", connectionsMax: 2 },
  });
  try {
    return await phases(experiment, cluster, database, `http://127.0.0.1:${probesPort}/metrics`);
  } finally {
    await database.close();
    await cluster.stop();
    rmSync(dir, { recursive: true, force: true });
  }
}

async function phases(
  experiment: Experiment,
  cluster: Cluster,
  database: Database,
  metricsUrl: string,
): Promise<BulkheadReport> {
  const { ordersPerSecond, warmUpMs, wellMs, hangMs, settleMsMax, say = () => undefined } = experiment;
  const client = new Client(cluster.bridge, cluster.credentials);
  const institution = cluster.institutions.get(hung) ?? "";
  const breaker = new BreakerWatch(metricsUrl);
  const streamOf = (channel: string, index: number): readonly [string, OrderStream] => {
    const offsetMs = (index * 1000) / ordersPerSecond / all.length;
    return [channel, new OrderStream(client, channel, ordersPerSecond, offsetMs)];
  };
  const streams = new Map(all.map(streamOf));
  const samplesOf = (channel: string): OrderStream["samples"] => streams.get(channel)?.samples ?? [];

  say("warming up");
  await sleep(warmUpMs);
  say("all four are well");
  const well = await span(wellMs);
  say(`the institution of ${hung} hangs`);
  await setFaults(institution, [{ kind: "hang", rate: 1 }]);
  const hanging = await span(hangMs);
  const chargesSent = await chargesUnanswered(institution);
  say("it answers again");
  await setFaults(institution, []);
  const fromMs = performance.now();
  const paidAgain = (): number | undefined =>
    samplesOf(hung).find(({ sentAtMs, said }) => sentAtMs >= fromMs && said === "201 paid")?.answeredAtMs;
  while (paidAgain() === undefined && performance.now() < fromMs + settleMsMax) await sleep(50);
  await sleep(1_000);
  await Promise.all([...streams.values()].map((stream) => stream.stop()));
  const afterwards = { fromMs, toMs: performance.now() };
  say("waiting for what is open");
  const end = await reconciled(cluster, database, settleMsMax);
  await breaker.stop();

  const since = (atMs: number | undefined, startMs: number): number | undefined =>
    atMs === undefined ? undefined : atMs - startMs;
  const answers = (within: Span): Readonly<Record<string, number>> => answersOf(samplesOf(hung), within);
  return {
    others: healthy.map((channel) => ({
      channel,
      well: figuresOf(samplesOf(channel), well),
      hanging: figuresOf(samplesOf(channel), hanging),
    })),
    hung: {
      answers: { well: answers(well), hanging: answers(hanging), afterwards: answers(afterwards) },
      openedAfterMs: since(breaker.after(hanging.fromMs, "open"), hanging.fromMs),
      chargesSent,
      closedAfterMs: since(breaker.after(fromMs, "closed"), fromMs),
      paidAfterMs: since(paidAgain(), fromMs),
    },
    end,
    idle: { well: well.idle, hanging: hanging.idle },
  };
}

async function span(ms: number): Promise<Span & { readonly idle: number }> {
  const fromMs = performance.now();
  const before = processorMs();
  await sleep(ms);
  const after = processorMs();
  const idle = (after.idle - before.idle) / (after.all - before.all);
  return { fromMs, toMs: performance.now(), idle };
}

/** Of all processors since the machine's start. */
function processorMs(): Readonly<Record<"idle" | "all", number>> {
  const times = cpus().flatMap(({ times: each }) => Object.values(each));
  const idle = cpus().reduce((sum, { times: each }) => sum + each.idle, 0);
  return { idle, all: times.reduce((sum, ms) => sum + ms, 0) };
}

/** These and no others. */
async function setFaults(institution: string, faults: readonly object[]): Promise<void> {
  await fetch(`${institution}/__sim/faults`, { method: "DELETE" });
  for (const fault of faults) {
    const body = JSON.stringify(fault);
    const { ok, status } = await fetch(`${institution}/__sim/faults`, { method: "POST", body });
    if (!ok) throw new Error(`the institution refused a fault: ${status}`);
  }
}

/** Charges that reached the institution and were met with silence. */
async function chargesUnanswered(institution: string): Promise<number> {
  const list = (await (await fetch(`${institution}/__sim/requests`)).json()) as readonly LoggedRequest[];
  return list.filter(({ operation, fault }) => operation === "pay" && fault === "hang").length;
}

async function reconciled(cluster: Cluster, database: Database, settleMsMax: number): Promise<Reconciled> {
  const startedAtMs = performance.now();
  let outcome = await outcomeOf(database);
  while (outcome.open > 0 && performance.now() < startedAtMs + settleMsMax) {
    await sleep(250);
    outcome = await outcomeOf(database);
  }
  const settledAfterMs = performance.now() - startedAtMs;
  const rows = await database.pool.query<{ state: string; count: number }>(
    "select channel || ' ' || status as state, count(*)::int as count from core.orders group by 1 order by 1",
  );
  const charged = (await cluster.charges()).map(({ paymentId }) => paymentId);
  const paid = outcome.orders.flatMap(({ paidBy }) => (paidBy === null ? [] : [paidBy]));
  const [chargedOnce, paidOnce] = [new Set(charged), new Set(paid)];
  return {
    open: outcome.open,
    parked: outcome.parked,
    orders: Object.fromEntries(rows.map(({ state, count }) => [state, count])),
    chargedForNothing: [...chargedOnce].filter((paymentId) => !paidOnce.has(paymentId)),
    paidForNothing: paid.filter((paymentId) => !chargedOnce.has(paymentId)),
    chargedTwice: charged.filter((paymentId, index) => charged.indexOf(paymentId) !== index),
    settledAfterMs,
  };
}
