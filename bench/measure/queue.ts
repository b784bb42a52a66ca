/** The bus on PostgreSQL after a million messages: does taking one still cost what it cost at first? */
import { setTimeout as pause } from "node:timers/promises";
import { migrate } from "../../adapters/store/postgres/migrate.js";
import { systemRandom } from "../../adapters/system/clock.js";
import { limits } from "../../engine/limits.js";
import type { OutgoingMessage } from "../../engine/ports/bus.js";
import { openProcess, type PostgresProcess } from "../../test/support/postgres-world.js";
import { treeSeconds } from "../costs/proc.js";
import { watchedServer } from "../costs/servers.js";
import { withDatabase } from "../database.js";
import { queue, type QueueFigures, type QueueWindow } from "../report/sections/queue.js";
import { figure } from "../report/table.js";
import { defineMeasure } from "./measure.js";

type Say = (text: string) => void;

interface Settings {
  readonly messages: number;
  readonly window: number;
  readonly "warm-up": number;
  readonly backlog: number;
  readonly aside: number;
}

const served = "bench.served";
const unserved = "bench.unserved";
/** As many as one commit takes. */
const concurrency = limits.batchUnitsMax;
const publishedAtOnce = 1_000;
const dayMs = 86_400_000;
/** About what a run carries from stage to stage. */
const text = "x".repeat(800);
/** As a process has it by its settings. */
const pollIdleMs = 200;

const message = (name: string, delayMs?: number): OutgoingMessage => ({
  ...{ messageId: systemRandom.id(), queue: name, type: "run", body: { text } },
  ...(delayMs === undefined ? {} : { delayMs }),
});

async function publish({ bus }: PostgresProcess, count: number, make: () => OutgoingMessage): Promise<void> {
  for (let left = count; left > 0; left -= publishedAtOnce)
    await bus.publish(Array.from({ length: Math.min(left, publishedAtOnce) }, make));
}

async function sizes({
  database,
}: PostgresProcess): Promise<Pick<QueueWindow, "tableBytes" | "indexBytes" | "dead" | "vacuums">> {
  const [row] = await database.pool.query<Awaited<ReturnType<typeof sizes>>>(
    `select pg_relation_size(relid)::float8 as "tableBytes", pg_indexes_size(relid)::float8 as "indexBytes",
       n_dead_tup::float8 as dead, (autovacuum_count + vacuum_count)::float8 as vacuums
     from pg_stat_user_tables where relid = 'bus.messages'::regclass`,
  );
  if (!row) throw new Error("there is no bus.messages");
  return row;
}

/** Consumes until it is told to stop; what went wrong, if anything did, stops it. */
function consuming({ bus, store }: PostgresProcess): {
  readonly count: () => number;
  readonly stop: () => Promise<void>;
} {
  let [count, failure] = [0, undefined as Error | undefined];
  const consumer = bus.consume({
    queues: () => [served],
    concurrency,
    handler: async (held) => {
      const unit = { message: { held, consume: true }, writes: [], publish: [message(served)] };
      const { result } = await store.commit(unit).catch((error: unknown) => ({ result: String(error) }));
      if (result === "committed") count += 1;
      else failure ??= new Error(`a message was not consumed: ${result}`);
    },
  });
  return {
    count: () => {
      if (failure) throw failure;
      return count;
    },
    stop: () => consumer.stop(10_000),
  };
}

async function inWindows(
  process: PostgresProcess,
  databaseUrl: string,
  settings: Settings,
  say: Say,
): Promise<readonly QueueWindow[]> {
  const servers = watchedServer("postgres", databaseUrl);
  const seconds = (): number =>
    servers.length === 0 ? Number.NaN : servers.reduce((sum, { pid }) => sum + treeSeconds(pid), 0);
  const { count, stop } = consuming(process);
  try {
    while (count() < settings["warm-up"]) await pause(5);
    const windows: QueueWindow[] = [];
    const first = count();
    let [from, fromMs, fromSeconds] = [first, performance.now(), seconds()];
    while (from - first < settings.messages) {
      while (count() - from < settings.window) await pause(5);
      const [to, toMs, toSeconds] = [count(), performance.now(), seconds()];
      const window = {
        messages: to - first,
        perSecond: ((to - from) * 1000) / (toMs - fromMs),
        postgresUs: ((toSeconds - fromSeconds) * 1e6) / (to - from),
        ...(await sizes(process)),
      };
      windows.push(window);
      say(
        `  ${figure(window.messages)} of ${figure(settings.messages)}: ${figure(window.perSecond)}/s, ` +
          `${figure((window.tableBytes + window.indexBytes) / 2 ** 20, 1)} MiB, ${figure(window.dead)} dead`,
      );
      [from, fromMs, fromSeconds] = [to, toMs, toSeconds];
    }
    return windows;
  } finally {
    await stop();
  }
}

const inCase = (name: string, aside: number, settings: Settings, say: Say): Promise<readonly QueueWindow[]> =>
  withDatabase("queue", async (url) => {
    await migrate({ url, embedded: false });
    const process = await openProcess({ url, embedded: false }, { pollIdleMs });
    try {
      say(`${name}: backlog ${figure(settings.backlog)}, aside ${figure(aside)}`);
      await publish(process, Math.floor(aside / 2), () => message(unserved));
      await publish(process, Math.ceil(aside / 2), () => message(served, dayMs));
      await publish(process, settings.backlog, () => message(served));
      return await inWindows(process, url, settings, say);
    } finally {
      await process.close();
    }
  });

async function measure(settings: Settings, say: Say): Promise<QueueFigures> {
  const cases: QueueFigures["cases"][number][] = [];
  for (const [name, aside] of [
    ["alone", 0],
    ["beside a backlog", settings.aside],
  ] as const)
    cases.push({ name, aside, windows: await inCase(name, aside, settings, say) });
  return { backlog: settings.backlog, cases };
}

export const queueMeasure = defineMeasure({
  section: queue,
  flags: {
    messages: { preset: 1_000_000, help: "messages, either time" },
    window: { preset: 50_000, help: "messages of a window" },
    "warm-up": { preset: 20_000, help: "messages before the first window" },
    backlog: { preset: 1_000, help: "messages that wait in the queue, all the time" },
    aside: { preset: 100_000, help: "messages that nobody takes, the second time" },
  },
  measure,
});
