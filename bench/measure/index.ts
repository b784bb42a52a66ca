/** Every measurement, by name. */
import type { Measure } from "./measure.js";
import { growthMeasure } from "./growth/growth.js";
import { queueMeasure } from "./queue.js";
import { startMeasure } from "./start.js";
import { stepMeasure } from "./step.js";

export const measures: readonly Measure[] = [stepMeasure, startMeasure, growthMeasure, queueMeasure];
