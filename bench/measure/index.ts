/** Every measurement, by name. */
import type { Measure } from "./measure.js";
import { bulkheadMeasure } from "./bulkhead.js";
import { consoleMeasure } from "./console.js";
import { growthMeasure } from "./growth/growth.js";
import { queueMeasure } from "./queue.js";
import { loadsMeasure } from "./loads.js";
import { memoryMeasure } from "./memory.js";
import { searchMeasure } from "./search.js";
import { startMeasure } from "./start.js";
import { stepMeasure } from "./step.js";

export const measures: readonly Measure[] = [
  stepMeasure,
  growthMeasure,
  queueMeasure,
  memoryMeasure,
  startMeasure,
  loadsMeasure,
  bulkheadMeasure,
  consoleMeasure,
  searchMeasure,
];
