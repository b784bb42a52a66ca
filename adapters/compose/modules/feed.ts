import type { Module, ModuleContext } from "./module.js";
import { watchQueues } from "./queue-watch.js";

/** Subscribers that keep a table for somebody else to read: apart from the notifier, so that neither waits for the other. */
export async function startFeed({ kernel }: ModuleContext): Promise<Module> {
  const { bus, settings, worker, progress } = kernel;
  const watched = await watchQueues(kernel, "feed.");
  const consumer = progress.of("feed").consume(bus, {
    queues: () => watched.queues(),
    concurrency: settings.workers.feedConcurrency,
    handler: worker.handle,
  });
  return {
    name: "feed",
    stop: async (deadlineMs) => {
      watched.stop();
      await consumer.stop(deadlineMs);
    },
  };
}
