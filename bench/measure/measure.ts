/** One measurement that `npm run measure` knows: a command line, a program, a section of the document. */
import type { Section } from "../report/section.js";
import type { Flags, ValuesOf } from "./flags.js";

export interface Measure<Figures = unknown, F extends Flags = Flags> {
  readonly section: Section<Figures>;
  readonly flags: F;
  /** Progress goes to `say`. @throws Error when it cannot be measured */
  measure(values: ValuesOf<F>, say: (text: string) => void): Promise<Figures>;
}

/** Keeps the types of one measurement together, and forgets them for those who go through all of them. */
export const defineMeasure = <Figures, const F extends Flags>(measure: Measure<Figures, F>): Measure =>
  measure as unknown as Measure;
