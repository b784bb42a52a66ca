/**
 * Who wrote what. The journal keeps the fields a hop has written and the outcomes of its steps, not the fields of each
 * step: those follow from what the steps declare, unless two of them may have written the same one.
 */
import type { AtomResult } from "../atom.js";
import type { Row } from "../ports/store.js";
import type { LinkedOutcome, LinkedStep, LinkedTransaction } from "../runtime/linked-plan.js";
import type { RecordedEntry } from "./entries.js";

/** A step that was performed, and what it answered as far as the journal tells. */
export interface StepWritten {
  readonly linked: LinkedStep;
  readonly answer: AtomResult | { readonly lost: string };
}

interface Performed {
  readonly linked: LinkedStep;
  /** Position in the transaction. */
  readonly index: number;
  readonly outcome: string;
}

export function writtenBy(entry: RecordedEntry, stage: LinkedTransaction): readonly StepWritten[] {
  const performed = performedIn(entry, stage);
  return performed.map((step, place) => {
    const declared = declaredBy(step);
    const { name } = step.linked.atom;
    const { outcome } = step;
    const lost = (why: string): StepWritten => ({ linked: step.linked, answer: { lost: why } });
    if (!declared) return lost(`this build does not know the outcome ${outcome} of ${name}`);
    const others = {
      earlier: mayWrite(performed.slice(0, place)),
      later: mayWrite(performed.slice(place + 1)),
      before: fieldsBefore(entry, step.index),
    };
    const fields: Record<string, unknown> = {};
    for (const field of declared.mayWrite) {
      const value = entry.fields[field];
      const isOwed = declared.writes.includes(field);
      if (value === undefined && !isOwed) continue;
      if (value === undefined || isUnclear(field, isOwed, others))
        return lost(`the journal does not tell what ${name} wrote into ${field} in stage ${entry.stage}`);
      fields[field] = value;
    }
    return { linked: step.linked, answer: { outcome, fields } };
  });
}

interface Others {
  readonly earlier: ReadonlySet<string>;
  readonly later: ReadonlySet<string>;
  /** What was durable immediately before the step. */
  readonly before: Row | undefined;
}

/** What a later step may have written over is lost; what an earlier one may have written need not be this one's. */
const isUnclear = (field: string, isOwed: boolean, { earlier, later, before }: Others): boolean =>
  later.has(field) || (!isOwed && before === undefined && earlier.has(field));

function performedIn({ steps: traces }: RecordedEntry, { steps }: LinkedTransaction): readonly Performed[] {
  let from = 0;
  return traces.flatMap(({ atom, outcome }) => {
    const index = steps.findIndex((step, at) => at >= from && step.atom.name === atom);
    if (index < 0) return [];
    from = index + 1;
    return [{ linked: steps[index]!, index, outcome }];
  });
}

const declaredBy = ({ linked, outcome }: Performed): LinkedOutcome | undefined =>
  linked.outcomes.get(outcome);

const mayWrite = (steps: readonly Performed[]): ReadonlySet<string> =>
  new Set(steps.flatMap((step) => [...(declaredBy(step)?.mayWrite ?? [])]));

const fieldsBefore = ({ points }: RecordedEntry, index: number): Row | undefined =>
  points.find(({ kind, step }) => kind !== "end" && step === index)?.data["fields"] as Row | undefined;
