/** The queues that the stages of plans lead to, in a world that has only two channels. */
import type { Plan } from "../../engine/compiler/plan.js";
import { resolveQueue } from "../../engine/runtime/message.js";

export const channelNames = ["alpha", "beta"] as const;

const queuesOf = (plans: readonly Plan[]): readonly string[] => [
  ...new Set(
    plans
      .flatMap(({ stages }) => Object.values(stages))
      .flatMap((stage) => (stage.kind === "transaction" ? [stage.queue] : []))
      .flatMap((queue) =>
        queue.includes("{") ? channelNames.map((channel) => resolveQueue(queue, { channel })) : [queue],
      ),
  ),
];

/**
 * What a process consumes that serves everything: also queues nothing has come to yet, for a run goes on to a stage whose
 * queue is served. `seen`: those with messages.
 */
export function servedQueues(plans: readonly Plan[], seen: () => readonly string[]): () => readonly string[] {
  const known = queuesOf(plans);
  return () => [...new Set([...known, ...seen()])];
}
