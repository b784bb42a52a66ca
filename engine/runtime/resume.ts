/** Reads the durable points of one hop and says where a repeated delivery goes on. Pure. */
import type { Row, StoredJournalEntry } from "../ports/store.js";

/** One step as the journal and the story of an order show it. */
export interface StepTrace {
  readonly atom: string;
  readonly outcome: string;
  readonly elapsedMs: number;
  readonly inquired?: boolean;
  readonly trace?: Row;
}

export interface ResumePoint {
  readonly state: "durable";
  /** The number of the next durable point. */
  readonly point: number;
  /** The step to go on with. */
  readonly step: number;
  /** It is an intent without a result: ask before anything else. */
  readonly inquire: boolean;
  /** Milliseconds until asking makes sense; not positive when it does now. */
  readonly sendDeadlineInMs: number;
  /** Everything this hop has written durably. */
  readonly fields: Row;
  readonly steps: readonly StepTrace[];
}

/** `fresh`: nothing of the hop is durable, although points may have been taken by marks. */
export type Resume =
  ResumePoint | { readonly state: "fresh"; readonly point: number } | { readonly state: "finished" };

export function resumePoint(entries: readonly StoredJournalEntry[], stepCount: number): Resume {
  const point = nextPoint(entries);
  const last = entries.findLast(({ kind }) => kind !== "mark");
  if (!last) return { state: "fresh", point };
  if (last.kind === "end" || last.step >= stepCount) return { state: "finished" };
  return {
    state: "durable",
    point,
    step: last.step,
    inquire: last.kind === "intent",
    sendDeadlineInMs: last.sendDeadlineInMs ?? 0,
    // Each durable point repeats the fields and steps before it.
    fields: (last.data["fields"] as Row | undefined) ?? {},
    steps: (last.data["steps"] as readonly StepTrace[] | undefined) ?? [],
  };
}

/** The number of the hop's next durable point. */
export const nextPoint = (entries: readonly StoredJournalEntry[]): number =>
  (entries.at(-1)?.point ?? -1) + 1;
