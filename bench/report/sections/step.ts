/** The engine alone. */
import type { Section } from "../section.js";
import { figure, table } from "../table.js";

export interface StepFigures {
  readonly stepsShort: number;
  readonly stepsLong: number;
  /** By what is different about it: the first one is what the target is for. Microseconds, medians of the rounds. */
  readonly variants: readonly {
    readonly name: string;
    readonly stepUs: number;
    /** A whole transaction of `stepsShort` steps, its commit in memory included. */
    readonly transactionUs: number;
    /** The cheapest and the dearest step of all rounds. */
    readonly rangeUs: readonly [number, number];
  }[];
}

export const stepUsMax = 2;

export const step: Section<StepFigures> = {
  name: "step",
  title: "The engine alone",
  what: `One pure atom step of a compiled plan, run by the real worker and executor, without any input or output: what a
long transaction takes more than a short one, per step. The commit is a function that answers at once.`,
  targets: ({ variants }) => [
    {
      of: "µs per pure step",
      bar: stepUsMax,
      is: "most",
      found: variants[0]?.stepUs ?? Number.NaN,
      digits: 2,
    },
  ],
  tables: ({ variants, stepsShort }) => [
    table(
      ["", "µs per step", "lowest", "highest", `µs per transaction of ${stepsShort} step`],
      variants.map(({ name, stepUs, rangeUs, transactionUs }) => [
        name,
        ...[stepUs, ...rangeUs].map((each) => figure(each, 2)),
        figure(transactionUs, 1),
      ]),
    ),
  ],
};
