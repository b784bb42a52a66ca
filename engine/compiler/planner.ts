/** Pass 7: resolved definitions to plans. Barriers and intents are derived here and nowhere else. */
import { canonicalJson, contentHash, deepFreeze } from "./canonical.js";
import { isExternal } from "./effects.js";
import type { ResolvedFlow, ResolvedStage, ResolvedStep } from "./model.js";
import type { Plan, PlanStage, PlanStep, Target } from "./plan.js";
import { signatureOf } from "./signature.js";

/** Everything in the flow must have been found sound. */
export function planFlow(flow: ResolvedFlow): Plan {
  const content: Omit<Plan, "hash"> = {
    format: 1,
    flow: flow.name,
    title: flow.title,
    input: flow.input,
    optional: flow.optional,
    subscribe: flow.subscribe,
    start: flow.start,
    stages: Object.fromEntries([...flow.stages].map(([name, stage]) => [name, planStage(stage)])),
  };
  // A copy through JSON: the plan in memory is the plan that is stored and hashed, and shares nothing with its source.
  const copy = JSON.parse(canonicalJson(content)) as typeof content;
  return deepFreeze({ ...copy, hash: contentHash(content) });
}

function planStage(stage: ResolvedStage): PlanStage {
  const on = Object.fromEntries(
    [...stage.on].flatMap(([outcome, target]) => (target ? [[outcome, target]] : [])),
  );
  const common: { readonly on: Record<string, Target>; readonly entriesMax?: number } = {
    on,
    ...(stage.entriesMax === undefined ? {} : { entriesMax: stage.entriesMax }),
  };
  if (stage.kind === "wait")
    return {
      ...{ kind: "wait", wait: stage.wait, timeoutsMs: stage.timeoutsMs },
      ...(stage.timeoutField === undefined ? {} : { timeoutField: stage.timeoutField }),
      ...common,
    };
  return {
    kind: "transaction",
    transaction: stage.transactionName,
    queue: stage.queue,
    steps: planSteps(stage.transaction?.steps ?? []),
    ...common,
  };
}

function planSteps(steps: readonly ResolvedStep[]): readonly PlanStep[] {
  let unsaved = false;
  return steps.map((step) => {
    const intent = isExternal(step) && step.atom.idempotentBy === undefined;
    const barrier = isExternal(step) && (unsaved || intent);
    unsaved = (unsaved && !barrier) || step.atom.effect === "store";
    return {
      atom: step.atom.name,
      version: step.atom.version,
      signature: signatureOf(step.atom),
      params: step.params,
      ...(step.when === undefined ? {} : { when: step.when }),
      always: step.always,
      timeoutMs: step.timeoutMs,
      retry: step.retry,
      barrier,
      intent,
    };
  });
}
