/** The queues that the stages of plans lead to, in a world that has only two channels. */
import type { Plan } from "../../engine/compiler/plan.js";
import { resolveQueue } from "../../engine/runtime/message.js";

export const channelNames = ["alpha", "beta"] as const;

export const queuesOf = (plans: readonly Plan[]): readonly string[] => [
  ...new Set(
    plans
      .flatMap(({ stages }) => Object.values(stages))
      .flatMap((stage) => (stage.kind === "transaction" ? [stage.queue] : []))
      .flatMap((queue) =>
        queue.includes("{") ? channelNames.map((channel) => resolveQueue(queue, { channel })) : [queue],
      ),
  ),
];
