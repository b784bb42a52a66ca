/**
 * Finds the scenarios a flow has to be proved in: scripts of the world that together lead through every stage and
 * every outcome that any script can reach. Breadth first: a script that shows something new is kept, and what the
 * world was asked in it, after the last answer it names, is answered otherwise next.
 */
import type { Plan } from "../../../engine/compiler/plan.js";
import { type Opening, play, type Played, type Step } from "./play.js";
import type { Production } from "./production.js";
import type { Question, Script } from "./questions.js";

export interface Scenario {
  readonly opening: Opening;
  readonly script: Script;
  readonly played: Played;
}

export interface Explored {
  readonly scenarios: readonly Scenario[];
  /** `stage: outcome` of the flow that no script has led to. */
  readonly unreached: readonly string[];
  readonly plays: number;
}

export interface ExploreOptions {
  /** Flows whose stages are to be seen and whose questions are answered otherwise. */
  readonly flows: ReadonlySet<string>;
  /** Plays after which the search ends. */
  readonly playsMax: number;
}

/** Searches are remembered: what follows from the same beginnings is found once for all flows. */
const searches = new WeakMap<Production, Map<string, Promise<Explored>>>();

export function explored(
  production: Production,
  openings: readonly Opening[],
  options: ExploreOptions,
): Promise<Explored> {
  const known = searches.get(production) ?? new Map<string, Promise<Explored>>();
  searches.set(production, known);
  const key = JSON.stringify([openings, [...options.flows].sort(), options.playsMax]);
  const search = known.get(key) ?? explore(production, openings, options);
  known.set(key, search);
  return search;
}

async function explore(
  production: Production,
  openings: readonly Opening[],
  { flows, playsMax }: ExploreOptions,
): Promise<Explored> {
  const scenarios: Scenario[] = [];
  const known = new Set<string>();
  const varied = new Set<string>();
  const queue: Pick<Scenario, "opening" | "script">[] = openings.map((opening) => ({ opening, script: {} }));
  let plays = 0;
  for (let next = queue.shift(); next && plays < playsMax; next = queue.shift()) {
    plays++;
    const played = await play(production, next);
    // A world in which something goes on for ever has no end to compare.
    if (!played.settled) continue;
    const steps = played.steps.filter(({ flow }) => flows.has(flow));
    const isNew = (word: string): boolean => !known.has(word);
    const ways = steps.map(wayOf).filter(isNew);
    const answered = steps.map(answeredOf).filter(isNew);
    const ends = [endOf(played)].filter(isNew);
    const words = [...ways, ...answered, ...ends];
    if (words.length === 0) continue;
    for (const word of words) known.add(word);
    scenarios.push({ ...next, played });
    queue.push(...variations(production, next, played, { flows, varied }));
  }
  const plans = production.plans.filter(({ flow }) => flows.has(flow));
  const reached = new Set(scenarios.flatMap(({ played }) => reachedIn(production.plans, played.steps)));
  return { scenarios, plays, unreached: plans.flatMap(outcomesOf).filter((word) => !reached.has(word)) };
}

/** The same way through the plan. */
const wayOf = ({ flow, stage, outcome, next }: Step): string => `${flow}/${stage}: ${outcome} -> ${next}`;
/** The same way, for the same reasons. */
const answeredOf = (step: Step): string => `${wayOf(step)} ${saidIn(step)}`;
const saidIn = ({ answers }: Step): string =>
  answers.map(({ what, answer }) => `${what}=${answer}`).join(" ");
/** The same end, for everybody. */
const endOf = ({ ended, view }: Played): string => `${ended} ${(view["ledger"] ?? []).join()}`;

/** @param varied questions that were varied before, by where the run came from */
function variations(
  { plans }: Production,
  { opening, script }: Pick<Scenario, "opening" | "script">,
  { questions, steps }: Played,
  { flows, varied }: { readonly flows: ReadonlySet<string>; readonly varied: Set<string> },
): readonly Pick<Scenario, "opening" | "script">[] {
  const named = new Set(Object.keys(script));
  const last = questions.findLastIndex(({ at, onwards }) => named.has(at) || named.has(onwards));
  return questions.slice(last + 1).flatMap((question) => {
    const { at, onwards, options, answer, flow, stage, what } = question;
    const why = `${JSON.stringify(opening)} ${flow}/${stage ?? ""} ${what} ${cameFrom(question, steps)}`;
    if (!flows.has(flow) || varied.has(why)) return [];
    varied.add(why);
    const returns =
      stage !== undefined &&
      isEnteredOften(
        plans.find((plan) => plan.flow === flow),
        stage,
      );
    const keys = returns ? [at, onwards] : [at];
    return options
      .filter((option) => option !== answer)
      .flatMap((option) => keys.map((key) => ({ opening, script: { ...script, [key]: option } })));
  });
}

/** What led into the stage in which the question came up: `charge: unknown charge=silence`. */
function cameFrom({ at, flow, stage }: Question, steps: readonly Step[]): string {
  const entry = Number(/\/(\d+) /.exec(at)?.[1] ?? 0);
  const own = steps.filter((step) => step.flow === flow);
  const entries = own.flatMap((step, index) => (step.stage === stage ? [index] : []));
  const before = own[(entries[entry - 1] ?? 0) - 1];
  return before ? `${before.stage}: ${before.outcome} ${saidIn(before)}` : "";
}

/** The stage can be entered again after it was left. */
function isEnteredOften(plan: Plan | undefined, stage: string): boolean {
  const seen = new Set<string>();
  const open = [stage];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    for (const target of Object.values(plan?.stages[name]?.on ?? {})) {
      if (target.to !== "stage" || seen.has(target.stage)) continue;
      if (target.stage === stage) return true;
      seen.add(target.stage);
      open.push(target.stage);
    }
  }
  return false;
}

const outcomesOf = ({ flow, stages }: Plan): readonly string[] =>
  Object.entries(stages).flatMap(([stage, { on }]) =>
    Object.keys(on).map((outcome) => `${flow}/${stage}: ${outcome}`),
  );

/** Outcomes, and `exhausted` of the stage that could not be entered once more. */
function reachedIn(plans: readonly Plan[], steps: readonly Step[]): readonly string[] {
  return steps.flatMap(({ flow, stage, outcome, next }) => {
    const stages = plans.find((plan) => plan.flow === flow)?.stages ?? {};
    const reached = [`${flow}/${stage}: ${outcome}`];
    const target = stages[stage]?.on[outcome];
    if (target?.to === "stage" && !next.endsWith(`:${target.stage}`))
      reached.push(`${flow}/${target.stage}: exhausted`);
    return reached;
  });
}
