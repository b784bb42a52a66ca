/**
 * Gauges of the whole system, recorded by the processes with the admin module. Several of them write the same rows of
 * the same step; the first one counts. What is 0 is not written: an idle system writes one row a step.
 */
import type { Sample } from "../../engine/ports/series.js";
import { systemInstance } from "../../engine/registry/spans.js";
import { looksMetric } from "../../engine/registry/throughput.js";
import type { Kernel } from "./kernel.js";
import { Recorder } from "./recorder.js";
import type { SystemLook, SystemView } from "./system-view.js";

type RecorderKernel = Pick<Kernel, "series" | "clock" | "random" | "telemetry">;

/** @param view asked once a step */
export const recordSystem = (
  { series, clock, random, telemetry }: RecorderKernel,
  view: Pick<SystemView, "look">,
): Recorder =>
  new Recorder({
    ...{ series, clock, random, telemetry },
    ...{ instance: systemInstance, service: "", host: "" },
    collect: async () => gaugesOf(await view.look()),
  });

export function gaugesOf({ queues, modules }: SystemLook): readonly Sample[] {
  const found = [
    ...queues.flatMap(({ queue, ready, delayed, leased, dead }) =>
      Object.entries({ ready, delayed, leased, dead }).map(([state, value]) =>
        gauge("valence_queue_messages", { queue, state }, value),
      ),
    ),
    ...[...inFlight(modules)].map(([module, value]) => gauge("valence_module_in_flight", { module }, value)),
  ];
  return [gauge(looksMetric, {}, 0), ...found.filter(({ sum }) => sum !== 0)];
}

const gauge = (metric: string, labels: Sample["labels"], value: number): Sample => ({
  ...{ metric, labels, count: 1, sum: value },
});

/** All processes of a module together. */
function inFlight(modules: SystemLook["modules"]): ReadonlyMap<string, number> {
  const sums = new Map<string, number>();
  for (const { module, state, progress } of modules)
    if (state !== "lost") sums.set(module, (sums.get(module) ?? 0) + progress.inFlight);
  return sums;
}
