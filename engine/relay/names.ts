/** Priority has two levels, kept as two queues of the broker: `flow.pay` and `flow.pay!high`. */
import type { Priority } from "../ports/bus.js";

const highSuffix = "!high";

export const brokerQueue = (queue: string, priority: Priority | undefined): string =>
  priority === "high" ? queue + highSuffix : queue;

export const queueOf = (name: string): string =>
  name.endsWith(highSuffix) ? name.slice(0, -highSuffix.length) : name;

export const priorityOf = (name: string): Priority => (name.endsWith(highSuffix) ? "high" : "normal");
