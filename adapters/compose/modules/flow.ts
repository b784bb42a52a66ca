/** Workers of the stages that need no channel, and of what nobody else serves. */
import { signalQueue } from "../../../engine/runtime/message.js";
import type { Module, ModuleContext } from "./module.js";
import { watchQueues } from "./queue-watch.js";
import { watchStandIns } from "./stand-in.js";

export async function startFlow({ kernel }: ModuleContext): Promise<Module> {
  const { bus, settings, worker, progress } = kernel;
  const watched = await watchQueues(kernel, "flow.");
  const standIns = await watchStandIns(kernel);
  const consumer = progress.of("flow").consume(bus, {
    queues: () => [...new Set([signalQueue, ...watched.queues(), ...standIns.queues()])],
    concurrency: settings.workers.flowConcurrency,
    handler: worker.handle,
  });
  return {
    name: "flow",
    stop: async (deadlineMs) => {
      watched.stop();
      standIns.stop();
      await consumer.stop(deadlineMs);
    },
  };
}
