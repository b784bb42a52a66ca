/** What open consoles cost the engine at full load, and whether they stay quick: alone and watched, in turns. */
import { withDatabase } from "../database.js";
import { failuresOf, withRunning } from "../measurement.js";
import { type ConsoleFigures, watched } from "../report/sections/console.js";
import { figure } from "../report/table.js";
import { busFlag, startOn } from "./bus.js";
import { defineMeasure } from "./measure.js";
import { type Poll, spread, Watcher, type Watching } from "./watcher.js";

type Say = (text: string) => void;

interface Settings {
  readonly rounds: number;
  readonly seconds: number;
  readonly "warm-up": number;
  readonly "in-flight": number;
  readonly consoles: number;
  readonly bus: string;
}

const rampMs = 1_000;
const drainMsMax = 20_000;
const warmUpPerSecond = 1_000;

const streamPath = "/admin/v1/metrics/stream";
/** What the pages ask for while they are open. */
const polls: readonly Poll[] = [
  { path: "/admin/v1/metrics/history?minutes=15", everyMs: 5_000 },
  { path: "/admin/v1/queues", everyMs: 2_000 },
  { path: "/admin/v1/channels", everyMs: 2_000 },
  { path: "/admin/v1/orders?limit=50", everyMs: 5_000 },
];

async function measure(settings: Settings, say: Say): Promise<ConsoleFigures> {
  const { rounds: count, consoles, seconds, "in-flight": inFlight } = settings;
  const start = startOn(settings.bus);
  return withDatabase("console", (databaseUrl) =>
    withRunning(databaseUrl, start, [], async (running, load) => {
      const { admin, baseUrl } = running;
      if (!admin) throw new Error("this contestant has no admin API");
      const failures: string[] = [];
      const run = async (forSeconds: number, expectedPerSecond: number): Promise<number> => {
        const pace = { kind: "closed", inFlight } as const;
        const windowMs = forSeconds * 1_000;
        const report = await load.run({ baseUrl, pace, expectedPerSecond, rampMs, windowMs, drainMsMax });
        failures.push(...failuresOf(report));
        return report.paymentsPerSecond;
      };

      say("warming up");
      const expected = 1.5 * (await run(settings["warm-up"], warmUpPerSecond));
      const rounds: ConsoleFigures["rounds"][number][] = [];
      const watchings: Watching[] = [];
      for (let round = 0; round < count; round += 1) {
        const alonePerSecond = await run(seconds, expected);
        const watchers = Array.from({ length: consoles }, () => new Watcher(admin, streamPath, polls));
        const watchedPerSecond = await run(seconds, expected);
        watchings.push(...(await Promise.all(watchers.map((watcher) => watcher.stop()))));
        rounds.push({ alonePerSecond, watchedPerSecond });
        say(`  ${figure(alonePerSecond)} payments/s alone, ${figure(watchedPerSecond)} watched`);
      }
      failures.push(...watchings.flatMap((watching) => watching.failures));
      return { consoles, rounds, ...answersOf(watchings), failures };
    }),
  );
}

function answersOf(watchings: readonly Watching[]): Pick<ConsoleFigures, "answers" | "gaps"> {
  const answers = polls.map(({ path }) => {
    const all = watchings.flatMap(({ answersMs }) => answersMs[path] ?? []);
    return [path, { count: all.length, ...spread(all) }] as const;
  });
  return { answers: Object.fromEntries(answers), gaps: spread(watchings.flatMap(({ gapsMs }) => gapsMs)) };
}

export const consoleMeasure = defineMeasure({
  section: watched,
  flags: {
    rounds: { preset: 5, help: "of both, in turns" },
    seconds: { preset: 15, help: "of each" },
    "warm-up": { preset: 30, help: "seconds of closed loop before them" },
    "in-flight": { preset: 64, help: "orders in flight" },
    consoles: { preset: 2, help: "open at the same time" },
    ...busFlag,
  },
  measure,
});
