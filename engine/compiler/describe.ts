/** A plan for people and for tools: stages, queues, steps, barriers, and what a run costs in commits. */
import { exhaustedOutcome } from "./model.js";
import { stagesInOrder } from "./plan-order.js";
import type { Plan, PlanStage, PlanStep, Target } from "./plan.js";

export interface StageSummary {
  readonly stage: string;
  readonly kind: "transaction" | "wait";
  readonly queue?: string;
  readonly transaction?: string;
  readonly wait?: string;
  readonly timeoutsMs?: readonly number[];
  readonly timeoutField?: string;
  readonly entriesMax?: number;
  readonly steps: readonly PlanStep[];
  /** Commits of one entry into the stage that runs to its last step. */
  readonly commits: number;
  /** Outcome to `<stage>`, `end:<state>` or `park:<reason>`. */
  readonly on: Readonly<Record<string, string>>;
}

export interface EndSummary {
  /** `end:<state>` or `park:<reason>` */
  readonly end: string;
  /** Stages of the cheapest way there. */
  readonly path: readonly string[];
  /** Commits on that way, the bridge's insert of the first message not counted; fewer where a stage ends early. */
  readonly commits: number;
  /** Only a run that has exhausted a bound comes here; `commits` counts one round of its loop. */
  readonly exhausted: boolean;
}

export interface PlanSummary {
  readonly flow: string;
  readonly title: string;
  readonly hash: string;
  readonly input: readonly string[];
  readonly optional: readonly string[];
  readonly subscribe: readonly string[];
  readonly start: string;
  readonly stages: readonly StageSummary[];
  readonly ends: readonly EndSummary[];
}

const targetText = (target: Target): string =>
  target.to === "stage"
    ? target.stage
    : target.to === "end"
      ? `end:${target.state}`
      : `park:${target.reason}`;

/** One commit ends a stage; each barrier adds one. Taking the signal that ends a wait is a commit too. */
const commitsOf = (stage: PlanStage): number =>
  1 + (stage.kind === "transaction" ? stage.steps.filter(({ barrier }) => barrier).length : 0);

export function summarizePlan(plan: Plan): PlanSummary {
  const { flow, title, hash, input, optional, subscribe, start } = plan;
  const stages = stagesInOrder(plan).map(([name, stage]) => summarizeStage(name, stage));
  return { flow, title, hash, input, optional, subscribe, start, stages, ends: cheapestEnds(plan) };
}

function summarizeStage(name: string, stage: PlanStage): StageSummary {
  const bound = stage.entriesMax === undefined ? {} : { entriesMax: stage.entriesMax };
  const on = Object.fromEntries(
    Object.entries(stage.on).map(([outcome, target]) => [outcome, targetText(target)]),
  );
  const common = { stage: name, ...bound, commits: commitsOf(stage), on };
  if (stage.kind === "wait") {
    const { wait, timeoutsMs, timeoutField } = stage;
    const field = timeoutField === undefined ? {} : { timeoutField };
    return { ...common, kind: "wait", wait, timeoutsMs, ...field, steps: [] };
  }
  return {
    ...common,
    kind: "transaction",
    queue: stage.queue,
    transaction: stage.transaction,
    steps: stage.steps,
  };
}

function cheapestEnds(plan: Plan): readonly EndSummary[] {
  const direct = cheapestWays(plan, false);
  const others = [...cheapestWays(plan, true)].filter(([end]) => !direct.has(end));
  return [...direct, ...others].map(([end, { path, commits }]) => ({
    end,
    path,
    commits,
    exhausted: !direct.has(end),
  }));
}

interface Way {
  readonly path: readonly string[];
  readonly commits: number;
}

/** Dijkstra over the stages, by commits. A run cannot be exhausted the first time it comes by. */
function cheapestWays(plan: Plan, throughExhausted: boolean): ReadonlyMap<string, Way> {
  const ends = new Map<string, Way>();
  const done = new Set<string>();
  const open: (Way & { readonly stage: string })[] = [{ stage: plan.start, path: [], commits: 0 }];
  for (;;) {
    const next = open.sort((a, b) => a.commits - b.commits).shift();
    if (!next) return ends;
    if (done.has(next.stage)) continue;
    done.add(next.stage);
    const stage = plan.stages[next.stage]!;
    const way = { path: [...next.path, next.stage], commits: next.commits + commitsOf(stage) };
    for (const [outcome, target] of Object.entries(stage.on)) {
      if (outcome === exhaustedOutcome && !throughExhausted) continue;
      const end = targetText(target);
      if (target.to === "stage") open.push({ stage: target.stage, ...way });
      else if ((ends.get(end)?.commits ?? Infinity) > way.commits) ends.set(end, way);
    }
  }
}

/** The text of `valence flow plan`. */
export function describePlan(plan: Plan): string {
  const summary = summarizePlan(plan);
  const lines = [
    `flow ${summary.flow}: ${summary.title}`,
    `  hash      ${summary.hash}`,
    `  input     ${listed(summary.input)}`,
    ...(summary.optional.length > 0 ? [`  optional  ${listed(summary.optional)}`] : []),
    ...(summary.subscribe.length > 0 ? [`  subscribe ${listed(summary.subscribe)}`] : []),
    `  start     ${summary.start}`,
    ...summary.stages.flatMap((stage) => ["", ...describeStage(stage)]),
    "",
    "commits per run, on the cheapest way",
    ...summary.ends.map(describeEnd),
  ];
  return `${lines.join("\n")}\n`;
}

const describeEnd = ({ end, path, commits, exhausted }: EndSummary): string =>
  `  ${end}: ${commits} (${path.join(" -> ")}${exhausted ? "; one round of the loop it leaves" : ""})`;

const listed = (names: readonly string[]): string => (names.length > 0 ? names.join(", ") : "nothing");

function describeStage(stage: StageSummary): readonly string[] {
  const bound = stage.entriesMax === undefined ? "" : `, at most ${stage.entriesMax} times`;
  const head =
    stage.kind === "wait"
      ? `stage ${stage.stage}: waits for ${stage.wait}, ${timesOf(stage)} ms${bound}`
      : `stage ${stage.stage}: ${stage.transaction} on ${stage.queue}${bound}`;
  return [
    head,
    ...stage.steps.flatMap(describeStep),
    ...Object.entries(stage.on).map(([o, to]) => `  ${o} -> ${to}`),
  ];
}

const timesOf = ({ timeoutField, timeoutsMs = [] }: StageSummary): string =>
  `${timeoutField === undefined ? "" : `${timeoutField}, else `}${timeoutsMs.join(", ")}`;

function describeStep(step: PlanStep, index: number): readonly string[] {
  const remarks = [
    ...(step.when === undefined ? [] : [`when ${step.when}`]),
    ...(step.always ? ["always"] : []),
    `within ${step.timeoutMs} ms`,
    ...(step.retry.max > 0 ? [`again ${step.retry.max} times after ${step.retry.delayMs} ms`] : []),
  ];
  const barrier = step.barrier ? [`  -- barrier: commit${step.intent ? ", with an intent" : ""} --`] : [];
  return [...barrier, `  ${index + 1}. ${step.atom}@${step.version} (${remarks.join("; ")})`];
}
