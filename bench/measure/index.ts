/** Every measurement, by name. */
import type { Measure } from "./measure.js";
import { stepMeasure } from "./step.js";

export const measures: readonly Measure[] = [stepMeasure];
