/**
 * How a flow can be begun. A type whose input names an order (`merchantOrderId`) begins by itself. Any other is about
 * an order that exists: a run of each flow that names one goes first, in every state it can be in, whether it has ended
 * or waits, and what that run has known is what the other one is given. A flow that a topic starts is begun by whatever
 * announces to that topic.
 */
import type { Plan } from "../../../engine/compiler/plan.js";
import { limits } from "../../../engine/limits.js";
import { explored } from "./explore.js";
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

/** @throws Error when there is no such type or flow, or nobody starts it */
export async function openingsOf(production: Production, name: string, playsMax: number): Promise<Openings> {
  const { plans, types } = production;
  const flow = types.find(({ type }) => type === name)?.flow ?? name;
  const plan = plans.find((each) => each.flow === flow);
  if (!plan) throw new Error(`there is no transaction type or flow ${name}`);
  const type =
    types.find((each) => each.type === name)?.type ?? types.find((each) => each.flow === flow)?.type;
  if (type !== undefined)
    return {
      flow,
      flows: new Set([flow]),
      openings: await openingsOfType(production, { plan, type }, playsMax),
    };
  // Nobody asks for it: it follows from others, and which of them is found by looking at all that follows from all.
  const openings = await Promise.all(
    firstTypes(production).map((each) => openingsOfType(production, each, playsMax)),
  );
  // What begins by itself is looked at first.
  const sorted = openings
    .flat()
    .toSorted((a, b) => Number(a.before !== undefined) - Number(b.before !== undefined));
  return { flow, flows: new Set(plans.map((each) => each.flow)), openings: sorted };
}

async function openingsOfType(
  production: Production,
  { plan, type }: Beginning,
  playsMax: number,
): Promise<readonly Opening[]> {
  if (plan.input.includes(naming)) return [{ type }];
  const states: Opening[] = [{ type }];
  for (const first of firstTypes(production).filter((each) => each.plan.input.includes(naming))) {
    for (const before of await statesOf(production, first, playsMax)) states.push({ type, before });
  }
  return states;
}

interface Beginning {
  readonly plan: Plan;
  readonly type: string;
}

/** One type per flow. */
const firstTypes = ({ plans, types }: Production): readonly Beginning[] =>
  plans.flatMap((plan) => {
    const type = types.find((each) => each.flow === plan.flow)?.type;
    return type === undefined ? [] : [{ plan, type }];
  });

/** The states a run of a type can be in when another one comes: one script for each end and each long wait, and for what was executed. */
async function statesOf(
  production: Production,
  { plan, type }: Beginning,
  playsMax: number,
): Promise<readonly Before[]> {
  const { scenarios } = await explored(production, [{ type }], { flows: new Set([plan.flow]), playsMax });
  const states = new Map<string, Before>();
  const keep = (state: string, before: Before): unknown => states.has(state) || states.set(state, before);
  for (const { script, played } of scenarios) {
    // A competitor who only makes one move leaves a state that no run is ever in.
    if (Object.keys(script).some((at) => at.endsWith(" guard"))) continue;
    const executed = (played.view["ledger"] ?? []).join();
    // What decides itself after a while would be decided by then, or not, as it comes.
    const isSteady = !Object.values(script).some((answer) => answer.startsWith("later-"));
    for (const [wait, entry] of isSteady ? longWaitsOf(plan) : []) {
      const entered = played.steps.filter(({ flow, next }) => flow === plan.flow && next === `wait:${wait}`);
      if (entered.length >= entry) keep(`${wait} ${executed}`, { type, script, until: { wait, entry } });
    }
    keep(`${played.ended} ${executed}`, { type, script });
  }
  return [...states.values()];
}

/**
 * Waits, and the first entry that is long enough for another run to be interrupted in the meantime. In a shorter one
 * the two would race, and either could be first without anything being wrong.
 */
const longWaitsOf = ({ stages }: Plan): readonly (readonly [string, number])[] =>
  Object.entries(stages).flatMap(([name, stage]) => {
    if (stage.kind !== "wait") return [];
    const index = stage.timeoutsMs.findIndex((timeoutMs) => timeoutMs > 4 * limits.leaseMs);
    return index < 0 ? [] : [[name, index + 1] as const];
  });
