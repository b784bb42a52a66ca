/**
 * What the product expects of a bus, and how each of the three gives it: the source of the tables in docs/buses.md.
 * A row is shown by cases of the suites, by title; features.test.ts checks that they exist and run on that bus.
 */
import type { BusName, Feature, Support } from "./feature.js";
import { featuresOfSurvival } from "./features-of-survival.js";
import { featuresOfUse } from "./features-of-use.js";

export const features: readonly Feature[] = [...featuresOfUse, ...featuresOfSurvival];

/** How many features a bus has each way. */
export function supportCounts(bus: BusName): Readonly<Record<Support, number>> {
  const counts = { native: 0, emulated: 0, unsupported: 0 };
  for (const { on } of features) counts[on[bus].support] += 1;
  return counts;
}
