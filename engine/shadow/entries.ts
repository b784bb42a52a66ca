/** The durable points of a run, put together to the entries into its stages. */
import type { RecordedPoint } from "../ports/recordings.js";
import type { Row } from "../ports/store.js";
import type { StepTrace } from "../runtime/resume.js";

/** One entry into a stage. */
export interface RecordedEntry {
  readonly stage: string;
  readonly hop: number;
  /** Empty when the run never left it by an outcome. */
  readonly outcome: string;
  /** `stage:settle`, `wait:await`, `end:paid`, `park:undecided`. */
  readonly next: string;
  readonly fields: Row;
  readonly steps: readonly StepTrace[];
  /** In order; at least one. */
  readonly points: readonly RecordedPoint[];
}

/** @param journal by hop and point */
export function entriesOf(journal: readonly RecordedPoint[]): readonly RecordedEntry[] {
  const hops = new Map<number, RecordedPoint[]>();
  for (const point of journal) {
    const known = hops.get(point.hop);
    if (known) known.push(point);
    else hops.set(point.hop, [point]);
  }
  return [...hops].map(([hop, points]) => {
    const last = points.at(-1)!;
    const { fields, steps, next } = last.data;
    return {
      stage: last.stage,
      hop,
      outcome: last.kind === "end" ? last.outcome : "",
      next: String(next ?? ""),
      fields: (fields ?? {}) as Row,
      steps: (steps ?? []) as readonly StepTrace[],
      points,
    };
  });
}
