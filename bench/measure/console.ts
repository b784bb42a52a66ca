/** What open consoles cost the engine at full load, and whether they stay quick: alone and watched, in turns. */
import { processorCosts } from "../costs/account.js";
import { watching } from "../costs/watch.js";
import { withDatabase } from "../database.js";
import { failuresOf, withRunning } from "../measurement.js";
import { spread } from "../report/percentile.js";
import { type ConsoleFigures, watched, type WatchedSide } from "../report/sections/console.js";
import { figure } from "../report/table.js";
import { busFlag, startOn } from "./bus.js";
import { defineMeasure } from "./measure.js";
import { type Poll, Watcher, type Watching } from "./watcher.js";

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
      const processor = watching(databaseUrl, running, load);
      const run = async (forSeconds: number, expectedPerSecond: number): Promise<WatchedSide> => {
        const pace = { kind: "closed", inFlight } as const;
        const windowMs = forSeconds * 1_000;
        const before = processor();
        const report = await load.run({ baseUrl, pace, expectedPerSecond, rampMs, windowMs, drainMsMax });
        const { load: _, ...engine } = processorCosts(before, processor(), report.account.notified);
        failures.push(...failuresOf(report));
        const processorMs = Object.values(engine).reduce((sum, ms) => sum + ms, 0);
        return { perSecond: report.paymentsPerSecond, processorMs };
      };

      say("warming up");
      const expected = 1.5 * (await run(settings["warm-up"], warmUpPerSecond)).perSecond;
      const rounds: ConsoleFigures["rounds"][number][] = [];
      const watchings: Watching[] = [];
      const sides = {
        alone: () => run(seconds, expected),
        watched: async () => {
          const watchers = Array.from({ length: consoles }, () => new Watcher(admin, streamPath, polls));
          const side = await run(seconds, expected);
          watchings.push(...(await Promise.all(watchers.map((watcher) => watcher.stop()))));
          return side;
        },
      };
      for (let round = 0; round < count; round += 1) {
        const found: Partial<Record<keyof typeof sides, WatchedSide>> = {};
        // Every second round in the opposite order: who comes after whom must not matter.
        for (const side of round % 2 === 0
          ? (["alone", "watched"] as const)
          : (["watched", "alone"] as const))
          found[side] = await sides[side]();
        if (!found.alone || !found.watched) continue;
        rounds.push({ alone: found.alone, watched: found.watched });
        say(
          `  ${figure(found.alone.perSecond)} payments/s alone, ${figure(found.watched.perSecond)} watched`,
        );
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
