/** One thread of a soak: a seed at a time, as long as it is told to go on. */
import { once } from "node:events";
import { parentPort, workerData } from "node:worker_threads";
import type { Climate } from "./climate.js";
import { failureReport } from "./report.js";
import { Simulation } from "./simulation.js";

export interface SoakThread {
  readonly first: number;
  readonly step: number;
  readonly climate: Partial<Climate>;
}

export interface SeedDone {
  readonly seed: number;
  readonly counts: readonly (readonly [string, number])[];
  /** What is said about a seed that failed; empty: nothing. */
  readonly report: readonly string[];
}

const { first, step, climate } = workerData as SoakThread;
const port = parentPort!;
Error.stackTraceLimit = 0;
for (let seed = first, word = "next"; word === "next"; seed += step) {
  const outcome = await Simulation.run(seed, { climate });
  const report = outcome.complaints.length === 0 ? [] : await failureReport(outcome);
  const told = once(port, "message") as Promise<[string]>;
  port.postMessage({ seed, counts: outcome.counts.entries, report } satisfies SeedDone);
  [word] = await told;
}
port.close();
