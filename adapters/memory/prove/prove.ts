/**
 * Proves a flow: finds the scenarios it can get into, stops the process at every crash point of each, starts it again,
 * delivers everything twice, and compares with the run that nobody interrupted. Everything is derived from the plan;
 * nothing here knows a flow or an atom.
 */
import { type Case, casesOf, secondCasesOf, type Staged } from "./cases.js";
import { explored, type Scenario } from "./explore.js";
import { openingsOf } from "./openings.js";
import { type BusFlavour, type Passed, play } from "./play.js";
import type { Production } from "./production.js";
import type { Script } from "./questions.js";
import { beforeAPerson, onlyMoney, differences, needsAPerson, type View, withoutEnds } from "./view.js";

export interface ProveOptions {
  /** Plays that look for scenarios, at most. */
  readonly playsMax?: number;
  /** Default: both. */
  readonly buses?: readonly BusFlavour[];
  /** Cases that are tried, at most. */
  readonly casesMax?: number;
  /** With `casesMax`: every n-th case instead of the first ones. */
  readonly spread?: boolean;
  /** After each crash, another one in the recovery from it. */
  readonly twice?: boolean;
  /** Called now and then with how far it has got. */
  readonly progress?: (done: number, of: number) => void;
}

/** A crash, and whether everything was as without it. */
export interface Tried {
  readonly scenario: string;
  readonly bus: BusFlavour;
  readonly passed: Passed;
  /** It was the second crash: the process had died before, and was starting over. */
  readonly again: boolean;
  /** Empty: nothing differs. */
  readonly differs: readonly string[];
}

export interface Proof {
  readonly type: string;
  readonly flow: string;
  readonly scenarios: number;
  /** `flow/stage: outcome` that no script of the world leads to. */
  readonly unreached: readonly string[];
  readonly tried: readonly Tried[];
  /** Cases that `casesMax` left out. */
  readonly left: number;
}

const playsMaxDefault = 1_000;

/** @param name a transaction type, or a flow that is started by a topic */
export async function prove(
  production: Production,
  name: string,
  options: ProveOptions = {},
): Promise<Proof> {
  const { playsMax = playsMaxDefault, casesMax = Infinity, buses = ["claim", "relay"], progress } = options;
  const { openings, flow, flows } = await openingsOf(production, name, playsMax);
  const found = await explored(production, openings, { flows, playsMax });
  // A flow that a topic starts is not in all of them.
  const scenarios = found.scenarios.filter(({ played }) => played.steps.some((step) => step.flow === flow));
  const cases: Case[] = [];
  for (const bus of buses) {
    const known = new Set<string>();
    for (const scenario of scenarios) {
      const { opening, script } = scenario;
      const { passed, questions } =
        bus === "claim" ? scenario.played : await play(production, { opening, script, bus });
      cases.push(...casesOf({ scenario, bus, passed, questions }, flow, known));
    }
  }
  const tried: Tried[] = [];
  const views = new Views(production);
  const wanted = [...chosen(cases, casesMax, options.spread === true)];
  for (let each = wanted.shift(); each; each = wanted.shift()) {
    if (tried.length % 50 === 0) progress?.(tried.length, tried.length + wanted.length + 1);
    const { differs, staged } = await tryCase(production, each, views);
    const { scenario, bus, passed, crashes } = each;
    tried.push({ scenario: nameOf(scenario), bus, passed, again: crashes.length > 1, differs });
    if (options.twice === true && crashes.length === 1) wanted.push(...secondCasesOf(each, staged));
  }
  return {
    ...{ type: name, flow, scenarios: scenarios.length, tried },
    unreached: found.unreached.filter((each) => each.startsWith(`${flow}/`)),
    left: Math.max(0, cases.length - casesMax),
  };
}

function chosen(cases: readonly Case[], casesMax: number, spread: boolean): readonly Case[] {
  if (!spread || cases.length <= casesMax) return cases.slice(0, casesMax);
  return Array.from({ length: casesMax }, (_, n) => cases[Math.floor((n * cases.length) / casesMax)] as Case);
}

async function tryCase(
  production: Production,
  each: Case,
  views: Views,
): Promise<{ readonly differs: readonly string[]; readonly staged: Staged }> {
  const { scenario, bus, crashes, references } = each;
  const { opening, script } = scenario;
  const played = await play(production, { opening, script, bus, crashes, duplicates: true });
  const staged = { scenario, bus, passed: played.passed, questions: played.questions };
  if (!played.settled) return { staged, differs: ["it does not end"] };
  let differs: readonly string[] = [];
  for (const reference of references) {
    const expected = await views.of(scenario, reference);
    const seen = lookAt(each, expected, played.view);
    const found = differences(seen(expected), seen(played.view));
    if (found.length === 0) return { staged, differs: [] };
    // Said of the scenario itself, which comes first.
    if (differs.length === 0) differs = found;
  }
  return { staged, differs };
}

/** How exactly the ends are looked at. */
function lookAt({ beaten, competed }: Case, expected: View, actual: View): (view: View) => View {
  if (needsAPerson(expected) && needsAPerson(actual)) return beforeAPerson;
  if (competed && needsAPerson(expected)) return onlyMoney;
  return beaten ? withoutEnds : (view) => view;
}

/** How scenarios that differ in one answer end without interruption: played once. */
class Views {
  readonly #known = new Map<string, Promise<View>>();

  constructor(private readonly production: Production) {}

  of({ opening, script, played }: Scenario, reference: Script): Promise<View> {
    if (reference === script) return Promise.resolve(played.view);
    const key = JSON.stringify([opening, reference]);
    const known =
      this.#known.get(key) ?? play(this.production, { opening, script: reference }).then(({ view }) => view);
    this.#known.set(key, known);
    return known;
  }
}

/** `pay; pay/charge/1 charge: lost` */
export function nameOf({ opening, script }: Pick<Scenario, "opening" | "script">): string {
  const { before } = opening;
  const answers = (named: Script): string =>
    Object.entries(named)
      .map(([at, answer]) => `${at}: ${answer}`)
      .join(", ");
  const earlier =
    before &&
    `after ${before.type} (${[answers(before.script) || "as usual", before.until ? `in wait ${before.until.wait}` : ""].filter(Boolean).join(", ")})`;
  return [earlier, answers(script) || "as usual"].filter(Boolean).join("; ");
}
