/** Tells merchants. */
import type { Module, ModuleContext } from "./module.js";
import { queuesOf } from "./queues.js";

export function startNotify({ kernel }: ModuleContext): Promise<Module> {
  const { bus, settings, worker, progress } = kernel;
  const queues = queuesOf("notify");
  const consumer = progress.of("notify").consume(bus, {
    queues: () => queues,
    concurrency: settings.workers.notifyConcurrency,
    handler: worker.handle,
  });
  return Promise.resolve({ name: "notify", stop: (deadlineMs) => consumer.stop(deadlineMs) });
}
