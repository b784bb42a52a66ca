/** Steps: their atoms, parameters and conditions. */
import type { AtomSpec } from "../atom.js";
import { compileCondition } from "../conditions.js";
import { limits } from "../limits.js";
import type { StepDefinition, TransactionDefinition } from "../schema/definitions.js";
import { fillingValidator } from "../schema/validate.js";
import { diagnostic, suggestion, within } from "./diagnostics.js";
import type { Place } from "./diagnostics.js";
import type { ResolvedStep, ResolvedTransaction } from "./model.js";
import type { Diagnostic } from "./plan.js";
import { segmentsOf } from "./shape.js";
import type { Vocabulary } from "./vocabulary.js";

type Report = (found: Diagnostic) => void;

/** Nothing when an atom is unknown: how such a transaction ends and what it writes cannot be said. */
export function resolveTransaction(
  file: string,
  definition: TransactionDefinition,
  vocabulary: Vocabulary,
  report: Report,
): ResolvedTransaction | undefined {
  const steps = definition.steps.map((step, index) =>
    resolveStep({ file, at: ["steps", index] }, step, vocabulary, report),
  );
  const known = steps.filter((step) => step !== undefined);
  if (known.length < steps.length) return undefined;
  return { name: definition.transaction, place: { file, at: [] }, steps: known };
}

function resolveStep(
  place: Place,
  step: StepDefinition,
  vocabulary: Vocabulary,
  report: Report,
): ResolvedStep | undefined {
  const whenReads = checkCondition(place, step, vocabulary, report);
  const atom = vocabulary.atoms.get(step.atom);
  if (!atom) {
    const message = `there is no atom "${step.atom}"${suggestion(step.atom, vocabulary.atoms.keys())}`;
    report(diagnostic("RESOLVE_ATOM_UNKNOWN", within(place, "atom"), message));
    return undefined;
  }
  return {
    place,
    atom,
    params: checkParams(place, step, atom, report),
    ...(step.when === undefined ? {} : { when: step.when }),
    whenReads,
    always: step.always ?? false,
    timeoutMs:
      step.timeoutMs ?? (atom.effect === "external" ? limits.sendWindowMs : limits.stepTimeoutMsDefault),
    retry: step.retry ?? { max: 0, delayMs: 0 },
  };
}

function checkCondition(
  place: Place,
  step: StepDefinition,
  vocabulary: Vocabulary,
  report: Report,
): readonly string[] {
  if (step.when === undefined) return [];
  const result = compileCondition(step.when, vocabulary.dictionary);
  if (result.ok) return result.condition.reads;
  report(diagnostic("RESOLVE_CONDITION_INVALID", within(place, "when"), `${step.when}: ${result.message}`));
  return [];
}

function checkParams(
  place: Place,
  step: StepDefinition,
  atom: AtomSpec,
  report: Report,
): ResolvedStep["params"] {
  const params = structuredClone(step.with ?? {});
  const at = step.with === undefined ? place : within(place, "with");
  if (atom.params === undefined) {
    if (Object.keys(params).length > 0) {
      report(diagnostic("RESOLVE_PARAMS_INVALID", at, `${atom.name} takes no parameters`));
    }
    return {};
  }
  for (const error of fillingValidator(atom.params)(params)) {
    const isExtra = error.keyword === "additionalProperties" && error.property !== undefined;
    const where = within(at, ...segmentsOf(error.pointer), ...(isExtra ? [error.property!] : []));
    const what = isExtra
      ? `has no parameter "${error.property}"`
      : `${error.pointer || "parameters"} ${error.message}`;
    report(diagnostic("RESOLVE_PARAMS_INVALID", where, `${atom.name} ${what}`));
  }
  return params;
}
