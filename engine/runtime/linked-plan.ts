/** A plan joined with what this process can run: atoms by name, conditions and checks compiled once. */
import type { Atom } from "../atom.js";
import type { Plan, PlanStep, TransactionStage, WaitStage } from "../compiler/plan.js";
import { compileCondition, type Condition } from "../conditions.js";
import type { Dictionary } from "../dictionary.js";
import { ValenceError } from "../errors.js";
import { signatureOf } from "../compiler/signature.js";

export interface LinkedStep {
  readonly step: PlanStep;
  readonly atom: Atom<never>;
  readonly when: Condition | undefined;
  /** Names the atom may see; everything else stays hidden from it. */
  readonly visible: readonly string[];
  /** What it may answer. */
  readonly outcomes: ReadonlyMap<string, LinkedOutcome>;
}

export interface LinkedOutcome {
  /** Fields it has to write. */
  readonly writes: readonly string[];
  /** All it may write. */
  readonly mayWrite: ReadonlySet<string>;
}

export interface LinkedTransaction extends Omit<TransactionStage, "steps"> {
  readonly steps: readonly LinkedStep[];
  /** Some step looks at rows: what stands before it has to be committed. */
  readonly readsRows: boolean;
  /** Some step touches the world. */
  readonly external: boolean;
}

export interface LinkedPlan {
  readonly plan: Plan;
  readonly stages: ReadonlyMap<string, LinkedTransaction | WaitStage>;
}

export interface LinkerOptions {
  readonly atoms: ReadonlyMap<string, Atom<never>>;
  readonly dictionary: Dictionary;
}

/** @throws ValenceError `plan_unknown` when this build lacks an atom of the plan or holds another version of it. */
export function linkPlan(plan: Plan, options: LinkerOptions): LinkedPlan {
  const stages = Object.entries(plan.stages).map(([name, stage]) => {
    if (stage.kind === "wait") return [name, stage] as const;
    const steps = stage.steps.map((step) => linkStep(plan, step, options));
    const readsRows = steps.some(({ atom }) => atom.readsRows === true);
    const external = steps.some(({ atom }) => atom.effect === "external");
    return [name, { ...stage, steps, readsRows, external }] as const;
  });
  return { plan, stages: new Map<string, LinkedTransaction | WaitStage>(stages) };
}

function linkStep(plan: Plan, step: PlanStep, { atoms, dictionary }: LinkerOptions): LinkedStep {
  const atom = atoms.get(step.atom);
  if (!atom || signatureOf(atom) !== step.signature) {
    throw new ValenceError(
      "plan_unknown",
      `plan ${plan.hash.slice(0, 12)} of flow ${plan.flow} needs ${step.atom}@${step.version}, ` +
        `this process holds ${atom ? `${atom.name}@${atom.version} with another signature` : "no such atom"}`,
    );
  }
  return {
    step,
    atom,
    when: linkCondition(step, dictionary),
    visible: [...atom.reads, ...(atom.readsIfPresent ?? [])],
    outcomes: new Map(
      Object.entries(atom.outcomes).map(([name, { writes = [], mayWrite = [] }]) => [
        name,
        { writes, mayWrite: new Set([...writes, ...mayWrite]) },
      ]),
    ),
  };
}

function linkCondition(step: PlanStep, dictionary: Dictionary): Condition | undefined {
  if (step.when === undefined) return undefined;
  const compiled = compileCondition(step.when, dictionary);
  if (!compiled.ok) throw new ValenceError("plan_unknown", `condition of ${step.atom}: ${compiled.message}`);
  return compiled.condition;
}
