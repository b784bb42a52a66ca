/** What external steps may do within one transaction: asked about or repeatable, never `always`, always recorded. */
import { undecidedOutcomes } from "../atom.js";
import { diagnostic, within } from "./diagnostics.js";
import type { DiagnosticCode, Place } from "./diagnostics.js";
import type { ResolvedStep, ResolvedTransaction } from "./model.js";
import type { Diagnostic } from "./plan.js";

export const isExternal = ({ atom }: ResolvedStep): boolean => atom.effect === "external";

/** The step may leave nobody knowing what the world did. */
export const mayStayUndecided = ({ atom }: ResolvedStep): boolean =>
  atom.effect === "external" && undecidedOutcomes.some((outcome) => Object.hasOwn(atom.outcomes, outcome));

export function checkEffects(transaction: ResolvedTransaction): readonly Diagnostic[] {
  const diagnostics: Diagnostic[] = [];
  const report = (code: DiagnosticCode, place: Place, message: string): void =>
    void diagnostics.push(diagnostic(code, place, message));

  for (const [index, step] of transaction.steps.entries()) {
    if (!isExternal(step)) continue;
    const { atom, place } = step;
    if (atom.idempotentBy !== undefined && !atom.reads.includes(atom.idempotentBy)) {
      const message = `${atom.name} is idempotent by "${atom.idempotentBy}" and does not read it`;
      report("EFFECT_KEY_UNREAD", within(place, "atom"), message);
    }
    if (!atom.inquire && atom.idempotentBy === undefined) {
      const message = `when the result of ${atom.name} is lost, nobody can find out what it did`;
      report("EFFECT_REPEAT_UNSAFE", within(place, "atom"), message);
    }
    if (step.retry.max > 0 && atom.idempotentBy === undefined) {
      report("EFFECT_RETRY_UNSAFE", within(place, "retry"), `${atom.name} might take effect more than once`);
    }
    if (step.always) {
      report(
        "EFFECT_ALWAYS_EXTERNAL",
        within(place, "always"),
        `${atom.name} would run after the transaction has ended`,
      );
    }
    if (mayStayUndecided(step) && !transaction.steps.slice(index + 1).some(isRecord)) {
      report(
        "EFFECT_RESULT_UNRECORDED",
        place,
        `no later step is sure to store what ${atom.name} brought back`,
      );
    }
  }
  return diagnostics;
}

const isRecord = ({ atom, always, when }: ResolvedStep): boolean =>
  atom.effect === "store" && always && when === undefined;
