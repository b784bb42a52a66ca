/**
 * The queues of one family (`flow.`, `feed.`): those that the plans in force name, and those that only older plans
 * use. Runs stay with the plan they began with, so a queue may outlive the definitions that named it.
 */
import type { Bus } from "../../../engine/ports/index.js";
import type { Kernel } from "../kernel.js";
import { repeatEvery } from "../repeat.js";

/** How often queues are looked for that only older plans use. Milliseconds. */
const lookMs = 5_000;

export interface WatchedQueues {
  /** Names to serve now. */
  queues(): readonly string[];
  stop(): void;
}

/** `prefix` ends with its dot. */
export async function watchQueues(
  { catalogue, bus, clock }: Pick<Kernel, "catalogue" | "clock"> & { readonly bus: Pick<Bus, "queues"> },
  prefix: string,
): Promise<WatchedQueues> {
  let found: readonly string[] = [];
  let current: readonly string[] = [];
  const recount = (): void => {
    const named = catalogue
      .plans()
      .flatMap(({ stages }) => Object.values(stages))
      .flatMap((stage) =>
        stage.kind === "transaction" && stage.queue.startsWith(prefix) ? [stage.queue] : [],
      );
    current = [...new Set([...named, ...found])];
  };
  const look = async (): Promise<void> => {
    found = await bus.queues(prefix);
    recount();
  };
  await look();
  const unsubscribe = catalogue.onChange(recount);
  const stopLooking = repeatEvery(clock, lookMs, look);
  return {
    queues: () => current,
    stop: () => {
      stopLooking();
      unsubscribe();
    },
  };
}
