/**
 * The promise about unknown results, proved over a whole flow: from an outcome after which nobody knows what the world
 * did, no path may reach an end before somebody has asked or closed at the institution and got a decided answer.
 * Parking is always allowed: a person decides.
 */
import { undecidedOutcomes } from "../atom.js";
import { diagnostic, within } from "./diagnostics.js";
import { isExternal, mayStayUndecided } from "./effects.js";
import { fieldState } from "./fields.js";
import { conflictOutcome, exhaustedOutcome, timeoutOutcome } from "./model.js";
import type { ResolvedFlow, ResolvedStage, ResolvedTransactionStage } from "./model.js";
import type { Diagnostic, Target } from "./plan.js";
import { isGuarded, walkTransaction } from "./walk.js";

export function checkUndecided(flow: ResolvedFlow): readonly Diagnostic[] {
  return [...checkUnknownEnds(flow), ...checkConflictEnds(flow)];
}

interface Way {
  readonly target: Target | undefined;
  readonly path: string;
}

function checkUnknownEnds(flow: ResolvedFlow): readonly Diagnostic[] {
  const diagnostics: Diagnostic[] = [];
  const seen = new Set<string>();
  const reported = new Set<string>();
  const queue: Way[] = [];
  const go = (stage: ResolvedStage, outcome: string, path: string): void => {
    const target = stage.on.get(outcome);
    const key = JSON.stringify([stage.name, outcome]);
    if (target?.to === "end" && !reported.has(key)) {
      reported.add(key);
      const message = `${path} -${outcome}-> end:${target.state}`;
      diagnostics.push(diagnostic("EFFECT_UNKNOWN_ENDS", within(stage.place, "on", outcome), message));
    }
    queue.push({ target, path: `${path} -${outcome}->` });
  };

  for (const stage of flow.stages.values()) {
    if (stage.kind === "wait" || !stage.transaction?.steps.some(isExternal)) continue;
    for (const outcome of undecidedOutcomes) if (stage.on.has(outcome)) go(stage, outcome, `"${stage.name}"`);
  }
  for (const { target, path } of queue) {
    if (target?.to !== "stage" || seen.has(target.stage)) continue;
    seen.add(target.stage);
    const stage = flow.stages.get(target.stage)!;
    const decided = decidedOutcomes(stage);
    for (const outcome of stage.on.keys())
      if (!decided.has(outcome)) go(stage, outcome, `${path} "${stage.name}"`);
  }
  return diagnostics;
}

/**
 * The outcomes of a stage after which the result of an earlier external step is known. What has an error of its own
 * is given the benefit of the doubt.
 */
function decidedOutcomes(stage: ResolvedStage): ReadonlySet<string> {
  const decided = new Set(stage.on.keys());
  const exclude = (outcomes: Iterable<string>): void =>
    [...outcomes].forEach((outcome) => decided.delete(outcome));
  exclude([...undecidedOutcomes, exhaustedOutcome]);
  if (stage.kind === "wait") {
    exclude([timeoutOutcome]);
    exclude([...stage.signals].filter(([, { resolves }]) => resolves !== true).map(([name]) => name));
  } else if (stage.transaction) {
    const asked = askedOutcomes(stage.transaction.steps);
    exclude([...decided].filter((outcome) => !asked.has(outcome)));
  }
  return decided;
}

/** A field no dictionary has: present where an atom has given a decided answer. */
const answered = "#answered";

type Step = NonNullable<ResolvedTransactionStage["transaction"]>["steps"][number];

/** An atom that only asks: it can be repeated, and has no effect of its own whose result could be lost. */
const onlyAsks = ({ atom }: Step): boolean => atom.decides !== undefined && atom.idempotentBy !== undefined;

function askedOutcomes(steps: readonly Step[]): ReadonlySet<string> {
  const { outcomes } = walkTransaction(steps, fieldState([]), {
    writesOf: (step, outcome) =>
      isExternal(step) && step.atom.decides?.includes(outcome) ? { writes: [answered] } : {},
  });
  const asked = [...outcomes].filter(([, state]) => state.has(answered)).map(([outcome]) => outcome);
  // Losing the race to store what was only asked means that another run stored one: the flow looks again.
  return new Set(steps.some(onlyAsks) ? [...asked, conflictOutcome] : asked);
}

/** A conflict drops the stored result of an external step with the rest of the unit, so the run must look again. */
function checkConflictEnds(flow: ResolvedFlow): readonly Diagnostic[] {
  return [...flow.stages.values()].flatMap((stage) => {
    const target = stage.on.get(conflictOutcome);
    if (stage.kind === "wait" || !stage.transaction || target?.to !== "end") return [];
    const { steps } = stage.transaction;
    const call = steps.findIndex((step) => mayStayUndecided(step) && !onlyAsks(step));
    if (call < 0 || !steps.slice(call + 1).some(isGuarded)) return [];
    const message = `${steps[call]!.atom.name} may have taken effect when storing its result conflicts`;
    return [diagnostic("EFFECT_CONFLICT_ENDS", within(stage.place, "on", conflictOutcome), message)];
  });
}
