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

export function resumePoint(
  entries: readonly StoredJournalEntry[],
  stepCount: number,
): ResumePoint | "fresh" | "finished" {
  const last = entries.at(-1);
  if (!last) return "fresh";
  if (last.kind === "end" || last.step >= stepCount) return "finished";
  return {
    step: last.step,
    inquire: last.kind === "intent",
    sendDeadlineInMs: last.sendDeadlineInMs ?? 0,
    // Each durable point repeats the fields and steps before it.
    fields: (last.data["fields"] as Row | undefined) ?? {},
    steps: (last.data["steps"] as readonly StepTrace[] | undefined) ?? [],
  };
}
