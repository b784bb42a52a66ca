/** Every section beside the contestants, in the order of the document. */
import type { Section } from "../section.js";
import { bulkhead } from "./bulkhead.js";
import { watched } from "./console.js";
import { growth } from "./growth.js";
import { queue } from "./queue.js";
import { loads } from "./loads.js";
import { memory } from "./memory.js";
import { search } from "./search.js";
import { start } from "./start.js";
import { step } from "./step.js";

export const sections: readonly Section<never>[] = [
  step,
  growth,
  queue,
  memory,
  start,
  loads,
  bulkhead,
  watched,
  search,
];
