/** How people read a plan: from its start, breadth first (in the plan itself keys are sorted), place by place. */
import type { Plan, PlanStage, Target } from "./plan.js";

export function stagesInOrder(plan: Plan): readonly (readonly [string, PlanStage])[] {
  const names = new Set([plan.start]);
  for (const name of names) {
    for (const target of Object.values(plan.stages[name]!.on))
      if (target.to === "stage") names.add(target.stage);
  }
  return [...names].map((name) => [name, plan.stages[name]!] as const);
}

/** What a place is called where stages, ends and parks stand together: `stage:settle`, `end:paid`, `park:undecided`. */
export const placeKey = (target: Target): string =>
  target.to === "stage"
    ? `stage:${target.stage}`
    : target.to === "end"
      ? `end:${target.state}`
      : `park:${target.reason}`;
