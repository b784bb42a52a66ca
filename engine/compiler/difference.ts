/** What one compiled set changes against another, said by flow and type for whoever is about to put it in force. */
import { canonicalJson } from "./canonical.js";
import type { Change, ChangeKind, ChangeWord } from "./change.js";
import { summarizePlan } from "./describe.js";
import { placeKey, stagesInOrder } from "./plan-order.js";
import type { Compiled, Plan, PlanStage, PlanStep, TypePlan } from "./plan.js";
import { stepChanges } from "./step-difference.js";

export interface FlowDifference {
  readonly flow: string;
  readonly change: ChangeWord;
  readonly changes: readonly Change[];
}

export interface TypeDifference {
  readonly type: string;
  readonly change: ChangeWord;
  readonly before?: Omit<TypePlan, "type">;
  readonly after?: Omit<TypePlan, "type">;
}

export interface Difference {
  readonly flows: readonly FlowDifference[];
  readonly types: readonly TypeDifference[];
}

/** What is the same is not mentioned. Flows and types by name. */
export function difference(before: Compiled, after: Compiled): Difference {
  const plans = paired(before.plans, after.plans, ({ flow }) => flow);
  const types = paired(before.types, after.types, ({ type }) => type);
  return {
    flows: plans.flatMap(([flow, was, is]): readonly FlowDifference[] => {
      if (was?.hash === is?.hash) return [];
      if (was && is) return [{ flow, change: "changed", changes: flowChanges(was, is) }];
      return [{ flow, change: was ? "removed" : "added", changes: [] }];
    }),
    types: types.flatMap(([type, was, is]): readonly TypeDifference[] => {
      if (canonicalJson(was) === canonicalJson(is)) return [];
      const change = was && is ? "changed" : was ? "removed" : "added";
      return [{ type, change, ...(was ? { before: bare(was) } : {}), ...(is ? { after: bare(is) } : {}) }];
    }),
  };
}

const bare = ({ type: _type, ...rest }: TypePlan): Omit<TypePlan, "type"> => rest;

function paired<T>(
  before: readonly T[],
  after: readonly T[],
  nameOf: (each: T) => string,
): readonly (readonly [string, T | undefined, T | undefined])[] {
  const [was, is] = [before, after].map((all) => new Map(all.map((each) => [nameOf(each), each])));
  const names = [...new Set([...was!.keys(), ...is!.keys()])].sort();
  return names.map((name) => [name, was!.get(name), is!.get(name)] as const);
}

function flowChanges(was: Plan, is: Plan): readonly Change[] {
  const before = new Map(stagesInOrder(was));
  const after = new Map(stagesInOrder(is));
  return [
    ...valueChange("title", "title", was.title, is.title),
    ...valueChange("start", "start", was.start, is.start),
    ...(["input", "optional", "subscribe"] as const).flatMap((what) =>
      listChanges(what, was[what], is[what]),
    ),
    ...listChanges("stage", [...before.keys()], [...after.keys()]),
    ...[...after].flatMap(([name, stage]) => {
      const old = before.get(name);
      return old ? stageChanges(name, old, stage) : [];
    }),
    ...commitChanges(was, is),
  ];
}

function stageChanges(stage: string, was: PlanStage, is: PlanStage): readonly Change[] {
  const at = (changes: readonly Change[]): readonly Change[] => changes.map((each) => ({ ...each, stage }));
  return at([
    ...valueChange("transaction", "transaction", workOf(was), workOf(is)),
    ...valueChange("queue", "queue", queueOf(was), queueOf(is)),
    ...valueChange("wait", "wait", waitOf(was), waitOf(is)),
    ...valueChange("bound", "entriesMax", was.entriesMax?.toString(), is.entriesMax?.toString()),
    ...stepChanges(stepsOf(was), stepsOf(is)),
    ...outcomeChanges(was, is),
  ]);
}

const workOf = (stage: PlanStage): string | undefined =>
  stage.kind === "transaction" ? stage.transaction : undefined;
const queueOf = (stage: PlanStage): string | undefined =>
  stage.kind === "transaction" ? stage.queue : undefined;
const stepsOf = (stage: PlanStage): readonly PlanStep[] => (stage.kind === "transaction" ? stage.steps : []);
const waitOf = (stage: PlanStage): string | undefined =>
  stage.kind === "wait"
    ? `${stage.wait}, ${stage.timeoutField ? `${stage.timeoutField} or ` : ""}${stage.timeoutsMs.join(", ")} ms`
    : undefined;

function outcomeChanges(was: PlanStage, is: PlanStage): readonly Change[] {
  const names = [...new Set([...Object.keys(was.on), ...Object.keys(is.on)])];
  return names.flatMap((name) => {
    const [before, after] = [was.on[name], is.on[name]].map((target) => target && placeKey(target));
    return valueChange("outcome", name, before, after);
  });
}

function commitChanges(was: Plan, is: Plan): readonly Change[] {
  const [before, after] = [was, is].map(
    (plan) => new Map(summarizePlan(plan).ends.map(({ end, commits }) => [end, String(commits)])),
  );
  const ends = [...new Set([...before!.keys(), ...after!.keys()])];
  return ends.flatMap((end) => valueChange("commits", end, before!.get(end), after!.get(end)));
}

function listChanges(what: ChangeKind, was: readonly string[], is: readonly string[]): readonly Change[] {
  return [
    ...was.filter((name) => !is.includes(name)).map((name): Change => ({ what, change: "removed", name })),
    ...is.filter((name) => !was.includes(name)).map((name): Change => ({ what, change: "added", name })),
  ];
}

function valueChange(
  what: ChangeKind,
  name: string,
  before: string | undefined,
  after: string | undefined,
): readonly Change[] {
  if (before === after) return [];
  const change = before === undefined ? "added" : after === undefined ? "removed" : "changed";
  return [
    {
      ...{ what, change, name },
      ...(before === undefined ? {} : { before }),
      ...(after === undefined ? {} : { after }),
    },
  ];
}
