/** `valence module list` for people: a line per module, and below them what is wrong with the ones that are not well. */
import type { ModuleView } from "../../engine/ports/index.js";
import { duration, table } from "./print.js";

const head = [
  "state",
  "module",
  "host:pid",
  "version",
  "in flight",
  "ended/s",
  "last ended",
  "loop delay",
  "queues",
] as const;

export function moduleTable(modules: readonly ModuleView[]): string {
  const rows = modules.map(({ state, module, host, pid, version, queues, paused, progress }) => [
    state,
    module,
    `${host}:${pid}`,
    version,
    progress.inFlight,
    progress.consumedPerS.toFixed(1),
    progress.consumed === 0 ? "-" : duration(progress.movedAgoMs),
    duration(progress.loopDelayMs),
    queues.join(", ") + (paused.length > 0 ? ` (paused: ${paused.join(", ")})` : ""),
  ]);
  const reasons = modules.flatMap(({ why, module, host, pid, state }) =>
    why === "" ? [] : [`${state}: ${module} on ${host}:${pid}: ${why}\n`],
  );
  return table(head, rows, "no module lives") + (reasons.length > 0 ? `\n${reasons.join("")}` : "");
}
