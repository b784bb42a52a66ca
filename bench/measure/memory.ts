/** Memory of bridge and worker under sustained load: what grows without an end shows as a slope. */
import { type Sample, scrape, sumOf } from "../costs/metrics.js";
import type { RunningContestant } from "../contestants/contestant.js";
import { withDatabase } from "../database.js";
import { failuresOf, withRunning } from "../measurement.js";
import { memory, type MemoryFigures, type MemorySample } from "../report/sections/memory.js";
import { figure } from "../report/table.js";
import { busFlag, startOn } from "./bus.js";
import { defineMeasure } from "./measure.js";

type Say = (text: string) => void;

interface Settings {
  readonly minutes: number;
  readonly "warm-up": number;
  readonly every: number;
  readonly "in-flight": number;
  readonly bus: string;
}

const drainMsMax = 30_000;
const expectedPerSecond = 1_000;

const mebibytes = (samples: readonly Sample[], name: string): number => sumOf(samples, name) / 2 ** 20;

const sampleOf = (samples: readonly Sample[], minutes: number): MemorySample => ({
  minutes,
  rssMiB: mebibytes(samples, "process_resident_memory_bytes"),
  heapUsedMiB: mebibytes(samples, "nodejs_heap_size_used_bytes"),
  externalMiB: mebibytes(samples, "nodejs_external_memory_bytes"),
});

/** Takes samples until it is stopped. */
function sampling(
  { processes }: RunningContestant,
  settings: Settings,
  say: Say,
): { readonly stop: () => Promise<MemoryFigures["samples"]> } {
  const samples: Record<string, MemorySample[]> = {};
  const startMs = performance.now() + settings["warm-up"] * 1_000;
  const take = async (): Promise<void> => {
    const minutes = (performance.now() - startMs) / 60_000;
    if (minutes < 0) return;
    for (const [name, found] of Object.entries(await scrape(processes)))
      (samples[name] ??= []).push(sampleOf(found, minutes));
    const said = Object.entries(samples).map(([name, own]) => {
      const { rssMiB = 0, heapUsedMiB = 0 } = own.at(-1) ?? {};
      return `${name} ${figure(rssMiB, 1)} MiB, heap ${figure(heapUsedMiB, 1)}`;
    });
    say(`  ${figure(minutes, 1)} min: ${said.join("; ")}`);
  };
  let failure: Error | undefined;
  let last = Promise.resolve();
  const timer = setInterval(() => {
    last = last
      .then(take)
      .catch((error: unknown) => void (failure ??= new Error(String(error), { cause: error })));
  }, settings.every * 1_000);
  return {
    stop: async () => {
      clearInterval(timer);
      await last;
      if (failure) throw failure;
      return samples;
    },
  };
}

const measure = (settings: Settings, say: Say): Promise<MemoryFigures> =>
  withDatabase("memory", (databaseUrl) =>
    withRunning(databaseUrl, startOn(settings.bus), [], async (running, load) => {
      say(`warming up for ${settings["warm-up"]} s`);
      const sampler = sampling(running, settings, say);
      const report = await load.run({
        baseUrl: running.baseUrl,
        pace: { kind: "closed", inFlight: settings["in-flight"] },
        rampMs: settings["warm-up"] * 1_000,
        windowMs: settings.minutes * 60_000,
        ...{ expectedPerSecond, drainMsMax },
      });
      const samples = await sampler.stop();
      // What was taken during the drain is of no load any more.
      const loaded = Object.entries(samples).map(
        ([name, own]) => [name, own.filter(({ minutes }) => minutes <= settings.minutes)] as const,
      );
      return {
        paymentsPerSecond: report.paymentsPerSecond,
        sampleSeconds: settings.every,
        samples: Object.fromEntries(loaded),
        failures: failuresOf(report),
      };
    }),
  );

export const memoryMeasure = defineMeasure({
  section: memory,
  flags: {
    minutes: { preset: 10, help: "of load" },
    "warm-up": { preset: 60, help: "seconds of load before them" },
    every: { preset: 5, help: "seconds between two samples" },
    "in-flight": { preset: 64, help: "orders in flight" },
    ...busFlag,
  },
  measure,
});
