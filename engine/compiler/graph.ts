/** A plan as a graph that a page can draw: places, ways between them, and what happens in each. Pure data. */
import type { AtomSpec, Effect } from "../atom.js";
import { placeKey, stagesInOrder } from "./plan-order.js";
import type { Plan, PlanStage, PlanStep, Target } from "./plan.js";

export interface GraphStep {
  readonly atom: string;
  readonly version: number;
  readonly title: string;
  /** Absent when this build does not hold the atom: an old plan's. */
  readonly effect?: Effect;
  readonly params: Readonly<Record<string, unknown>>;
  readonly when?: string;
  readonly always: boolean;
  readonly timeoutMs: number;
  readonly retry: { readonly max: number; readonly delayMs: number };
  /** Everything before it is committed before it runs. */
  readonly barrier: boolean;
  /** And that it is about to call is committed with it. */
  readonly intent: boolean;
}

/** `id` is `stage:<stage>`, `end:<state>` or `park:<reason>`. */
export type GraphNode =
  | {
      readonly kind: "transaction";
      readonly id: string;
      readonly stage: string;
      readonly transaction: string;
      readonly queue: string;
      readonly steps: readonly GraphStep[];
      readonly entriesMax?: number;
    }
  | {
      readonly kind: "wait";
      readonly id: string;
      readonly stage: string;
      readonly wait: string;
      /** One value per entry, the last one repeats. */
      readonly timeoutsMs: readonly number[];
      readonly timeoutField?: string;
      readonly entriesMax?: number;
    }
  | { readonly kind: "end"; readonly id: string; readonly state: string }
  | { readonly kind: "park"; readonly id: string; readonly reason: string };

export interface GraphEdge {
  /** Ids of nodes. */
  readonly from: string;
  readonly to: string;
  /** Outcome of the transaction, or the signal or timeout that ends the wait. */
  readonly outcome: string;
}

export interface FlowGraph {
  readonly flow: string;
  readonly title: string;
  readonly hash: string;
  readonly input: readonly string[];
  readonly optional: readonly string[];
  readonly subscribe: readonly string[];
  /** Id of the node where runs begin. */
  readonly start: string;
  /** Stages in the order people read them, then ends and parks in the order they are first led to. */
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
}

/** @param atoms for effects and titles; those of an old plan may be missing */
export function graphOf(plan: Plan, atoms: ReadonlyMap<string, AtomSpec>): FlowGraph {
  const { flow, title, hash, input, optional, subscribe, start } = plan;
  const stages = stagesInOrder(plan);
  const ways = stages.flatMap(([name, { on }]) =>
    Object.entries(on).map(([outcome, target]) => ({ from: `stage:${name}`, outcome, target })),
  );
  const terminals = new Map<string, GraphNode>();
  for (const { target } of ways) {
    if (target.to !== "stage" && !terminals.has(placeKey(target)))
      terminals.set(placeKey(target), terminal(target));
  }
  return {
    ...{ flow, title, hash, input, optional, subscribe },
    start: `stage:${start}`,
    nodes: [...stages.map(([name, stage]) => stageNode(name, stage, atoms)), ...terminals.values()],
    edges: ways.map(({ from, outcome, target }) => ({ from, to: placeKey(target), outcome })),
  };
}

function stageNode(stage: string, planned: PlanStage, atoms: ReadonlyMap<string, AtomSpec>): GraphNode {
  const { on: _on, ...rest } = planned;
  const id = `stage:${stage}`;
  if (rest.kind === "wait") return { id, stage, ...rest };
  return { id, stage, ...rest, steps: rest.steps.map((step) => graphStep(step, atoms.get(step.atom))) };
}

const graphStep = ({ signature: _signature, ...step }: PlanStep, atom: AtomSpec | undefined): GraphStep => ({
  title: atom?.title ?? step.atom,
  ...(atom ? { effect: atom.effect } : {}),
  ...step,
});

const terminal = (target: Exclude<Target, { readonly to: "stage" }>): GraphNode =>
  target.to === "end"
    ? { kind: "end", id: placeKey(target), state: target.state }
    : { kind: "park", id: placeKey(target), reason: target.reason };
