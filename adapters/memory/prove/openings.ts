/**
 * How a flow can be begun. A type whose input names an order (`merchantOrderId`) begins by itself. Any other is about
 * an order that exists: a run of each flow that names one goes first, in every state it can be in, whether it has ended
 * or waits, and what that run has known is what the other one is given. A flow that a topic starts is begun by whatever
 * announces to that topic.
 */
import type { Plan } from "../../../engine/compiler/plan.js";
import { explore } from "./explore.js";
import type { Before, Opening } from "./play.js";
import type { Production } from "./production.js";

export interface Openings {
  readonly openings: readonly Opening[];
  readonly flow: string;
  /** Flows whose stages are looked at. */
  readonly flows: ReadonlySet<string>;
}

/** The field that names a new order. */
const naming = "merchantOrderId";
/** Plays that look for the states an earlier run can be in. */
const playsBeforeMax = 250;

/** @throws Error when there is no such type or flow, or nobody starts it */
export async function openingsOf(production: Production, name: string): Promise<Openings> {
  const { plans, types } = production;
  const flow = types.find(({ type }) => type === name)?.flow ?? name;
  const plan = plans.find((each) => each.flow === flow);
  if (!plan) throw new Error(`there is no transaction type or flow ${name}`);
  const type = types.find((each) => each.type === name)?.type ?? types.find((each) => each.flow === flow)?.type;
  if (type !== undefined) return { flow, flows: new Set([flow]), openings: await openingsOfType(production, plan, type) };
  // Nobody asks for it: it follows from others.
  const openings = await Promise.all(
    firstTypes(production).map((each) => openingsOfType(production, each.plan, each.type)),
  );
  return { flow, flows: new Set([flow, ...firstTypes(production).map((each) => each.plan.flow)]), openings: openings.flat() };
}

async function openingsOfType(production: Production, plan: Plan, type: string): Promise<readonly Opening[]> {
  if (plan.input.includes(naming)) return [{ type }];
  const states: Opening[] = [{ type }];
  for (const first of firstTypes(production).filter((each) => each.plan.input.includes(naming))) {
    for (const before of await statesOf(production, first.plan, first.type)) states.push({ type, before });
  }
  return states;
}

/** One type per flow. */
const firstTypes = ({ plans, types }: Production): readonly { readonly plan: Plan; readonly type: string }[] =>
  plans.flatMap((plan) => {
    const type = types.find((each) => each.flow === plan.flow)?.type;
    return type === undefined ? [] : [{ plan, type }];
  });

/** The states a run of a type can be in when another one comes: one script for each end and each wait. */
async function statesOf(production: Production, plan: Plan, type: string): Promise<readonly Before[]> {
  const { scenarios } = await explore(production, [{ type }], {
    flows: new Set([plan.flow]),
    playsMax: playsBeforeMax,
  });
  const states = new Map<string, Before>();
  for (const { script, played } of scenarios) {
    const waits = played.steps.filter(({ flow, next }) => flow === plan.flow && next.startsWith("wait:"));
    const steady = !Object.values(script).some((answer) => answer.startsWith("later-"));
    // What decides itself after a while would be decided by then, or not, as it comes.
    if (steady) {
      for (const { next } of waits) {
        const until = next.slice("wait:".length);
        if (!states.has(next)) states.set(next, { type, script, until });
      }
    }
    if (!states.has(played.ended)) states.set(played.ended, { type, script, until: "end" });
  }
  return [...states.values()];
}
