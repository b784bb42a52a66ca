/** The guard against getting slower unseen: what a payment costs in processor time, in transactions of the floor. */
import type { Results } from "./results.js";

/** The load process is the same for everybody, and none of the system. */
const notOfTheSystem = "load";
/** A short run on a busy machine against a long one on a quiet machine: 1.2 to 1.5 were seen. */
const slack = 2;

/** Processor milliseconds per payment, by process. */
export type ProcessorMs = Readonly<Record<string, number>>;

/** Of all processes of the system and its servers. */
export const systemMs = (processorMs: ProcessorMs): number =>
  Object.entries(processorMs)
    .filter(([name]) => name !== notOfTheSystem)
    .reduce((sum, [, ms]) => sum + ms, 0);

/** How many of the floor's transactions one payment costs. */
export const processorRatio = (payment: ProcessorMs, floor: ProcessorMs): number =>
  systemMs(payment) / systemMs(floor);

/** What a payment on the PostgreSQL bus may cost: about twice what was recorded, so that better results tighten it. */
export function processorBar({ contestants }: Results): number {
  const { "valence-postgres": valence, floor } = contestants;
  if (!valence || !floor) throw new Error("the results have no valence-postgres, or no floor");
  return slack * processorRatio(valence.costs.processorMs, floor.costs.processorMs);
}
