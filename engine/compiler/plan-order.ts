/** The order in which people read a plan: from its start, breadth first. (In the plan itself keys are sorted.) */
import type { Plan, PlanStage } from "./plan.js";

export function stagesInOrder(plan: Plan): readonly (readonly [string, PlanStage])[] {
  const names = new Set([plan.start]);
  for (const name of names) {
    for (const target of Object.values(plan.stages[name]!.on))
      if (target.to === "stage") names.add(target.stage);
  }
  return [...names].map((name) => [name, plan.stages[name]!] as const);
}
