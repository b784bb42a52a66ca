/** Who among the living can do what a plan asks for. */
import type { Compiled, Plan } from "../compiler/plan.js";
import type { LiveModule } from "../ports/modules.js";

/** What no live module can do: atoms it lacks (or holds in another version), queues nobody serves. */
export function unserved(compiled: Compiled, live: readonly LiveModule[]): readonly string[] {
  const served = live.flatMap(({ queues }) => queues);
  return [...new Set(compiled.plans.flatMap((plan) => unservedStages(plan, live, served)))];
}

function unservedStages(
  plan: Plan,
  live: readonly LiveModule[],
  served: readonly string[],
): readonly string[] {
  return Object.values(plan.stages).flatMap((stage) => {
    if (stage.kind === "wait") return [];
    const consumers = live.filter(({ queues }) => queues.some((queue) => covers(queue, stage.queue)));
    if (!served.some((queue) => covers(queue, stage.queue))) {
      return [`flow ${plan.flow}: no live module serves queue ${stage.queue}`];
    }
    return stage.steps
      .filter(({ atom, signature }) => !consumers.some(({ atoms }) => atoms[atom] === signature))
      .map(
        ({ atom, version }) =>
          `flow ${plan.flow}: no live module on queue ${stage.queue} holds ${atom}@${version}`,
      );
  });
}

/** `flow.*` covers `flow.pay`; `channel.sim` covers the template `channel.{channel}`. */
export function covers(served: string, wanted: string): boolean {
  const names = (text: string): readonly string[] => text.split(".");
  const [a, b] = [names(served), names(wanted)];
  return (
    a.length === b.length &&
    a.every((part, index) => part === "*" || part === b[index] || /^\{.*\}$/.test(b[index] ?? ""))
  );
}
