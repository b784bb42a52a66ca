/** Crash cases, derived from what a scenario has passed through: every point, and what the case is compared with. */
import type { Scenario } from "./explore.js";
import { sameToTheNext } from "./institution.js";
import type { BusFlavour, Passed, Played } from "./play.js";
import type { Script } from "./questions.js";

/** A scenario as it went on one of the buses. */
export interface Staged extends Pick<Played, "passed" | "questions"> {
  readonly scenario: Scenario;
  readonly bus: BusFlavour;
}

export interface Case {
  readonly scenario: Scenario;
  readonly bus: BusFlavour;
  /** The crash points at which the process dies, by number: the second one in the recovery from the first. */
  readonly crashes: readonly number[];
  readonly passed: Passed;
  /**
   * The scenario; and, when the process died before the result of a call was durable that had not been sent, the one in
   * which it was lost: nobody who comes after can tell the two apart.
   */
  readonly references: readonly Script[];
  /**
   * A competitor was faster in the stage in which the process died. Uninterrupted, the run learns of it by losing its
   * guard; begun again, it finds what the competitor has done. It may say so by another way and another end.
   */
  readonly beaten: boolean;
  /**
   * Somewhere in the scenario a competitor is faster. He makes one move and stops, so the run may end before a person;
   * one that was interrupted may never meet him.
   */
  readonly competed: boolean;
}

/** In a loop, the first two rounds and the last one: what lies between them begins and ends as the second did. */
const roundsOfLoop = 2;
/**
 * @param flow whose crash points are meant
 * @param tried histories up to a crash that were tried already, as text; what scenarios have in common is tried once
 */
export function casesOf(staged: Staged, flow: string, tried: Set<string>): readonly Case[] {
  const { scenario, bus, passed, questions } = staged;
  const lastOf = new Map(passed.map((each, index) => [placeOf(each), index]));
  return passed.flatMap((each, index) => {
    // The sends of a relay belong to no run.
    if (each.flow !== flow && each.flow !== "") return [];
    if (each.nth > roundsOfLoop && lastOf.get(placeOf(each)) !== index) return [];
    const answers = questions.slice(0, each.asked).filter(({ answer, options }) => answer !== options[0]);
    const history = [
      JSON.stringify(scenario.opening),
      ...answers.map(({ at, answer }) => `${at}=${answer}`),
      `${placeOf(each)} ${each.nth}`,
    ].join("; ");
    if (tried.has(history)) return [];
    tried.add(history);
    return [
      {
        scenario,
        bus,
        crashes: [index],
        passed: each,
        references: referencesOf(staged, each),
        beaten: isBeaten(staged, each),
        competed: questions.some(({ what, answer }) => what === "guard" && answer === "lost"),
      },
    ];
  });
}

const placeOf = ({ point, flow, stage, step }: Passed): string => `${point} ${flow}/${stage} ${step ?? ""}`;

/** Points at which the result of a call is not durable yet. */
const undecided: ReadonlySet<string> = new Set(["intent-committed", "external-returned", "before-commit"]);

/** So many points after a crash, another one is tried at each. */
const secondsPerCase = 4;

/** The process that started again dies, too, at one of the next points: `staged` is how the first case went on. */
export function secondCasesOf(first: Case, staged: Staged): readonly Case[] {
  const [index = 0] = first.crashes;
  return staged.passed.slice(index + 1, index + 1 + secondsPerCase).map((passed, n) => ({
    ...first,
    passed,
    crashes: [index, index + 1 + n],
    references: first.references.flatMap((script) => referencesOf(staged, passed, script)),
    beaten: first.beaten || isBeaten(staged, passed),
  }));
}

function referencesOf(
  { scenario, questions }: Staged,
  passed: Passed,
  script: Script = scenario.script,
): readonly Script[] {
  if (!undecided.has(passed.point) && passed.stages.length === 1) return [script];
  // The call of this stage is the last question, or (its answer is on the way) the next one.
  const call = questions
    .slice(0, passed.asked + 1)
    .findLast(
      ({ flow, stage = "", answer }) => passed.stages.includes(`${flow}/${stage}`) && sameToTheNext[answer],
    );
  const twin = call && sameToTheNext[call.answer];
  return twin ? [script, { ...script, [call.at]: twin }] : [script];
}

const isBeaten = ({ questions }: Staged, { stages, asked }: Passed): boolean =>
  questions
    .slice(0, asked + 1)
    .some(
      ({ flow, stage = "", answer, what }) =>
        stages.includes(`${flow}/${stage}`) && answer === "lost" && what === "guard",
    );
