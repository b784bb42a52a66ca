/** Memory under sustained load. */
import { type Line, lineThrough, lowerEnvelope, type Point } from "../slope.js";
import type { Section, Target } from "../section.js";
import { figure, table } from "../table.js";

export interface MemorySample {
  /** Since the end of the warm-up. */
  readonly minutes: number;
  readonly rssMiB: number;
  readonly heapUsedMiB: number;
  readonly externalMiB: number;
}

export interface MemoryFigures {
  readonly paymentsPerSecond: number;
  readonly sampleSeconds: number;
  /** By process. */
  readonly samples: Readonly<Record<string, readonly MemorySample[]>>;
  readonly failures: readonly string[];
}

/** Per cent of the mean in ten minutes: less than this is flat, however small the noise. */
export const growthPercentMax = 1;
const judgedMinutes = 10;
/** Long enough for a collection of the old generation: seconds apart in a busy worker, most of a minute in a bridge. */
const envelopeSeconds = 60;

/** A line, as per cent of its mean in ten minutes. */
export interface Growth {
  readonly percent: number;
  readonly error: number;
}

export const growthOf = ({ slope, error, mean }: Line): Growth => ({
  percent: ((slope * judgedMinutes) / mean) * 100,
  error: ((error * judgedMinutes) / mean) * 100,
});

/** Flat: within two standard errors of zero, or less than 1 % in ten minutes. What shrinks is flat, too. */
export const flatTarget = (of: string, line: Line): Target => {
  const { percent, error } = growthOf(line);
  const noise = Number.isFinite(error) ? 2 * error : 0;
  return {
    of: `growth of ${of}, % in ten minutes (bar: noise)`,
    ...{ bar: Math.max(growthPercentMax, noise), is: "most", found: percent, digits: 2 },
  };
};

interface Quantity {
  readonly name: string;
  readonly points: readonly Point[];
  readonly judged: boolean;
}

function quantities(samples: readonly MemorySample[], sampleSeconds: number): readonly Quantity[] {
  const of = (value: (sample: MemorySample) => number): readonly Point[] =>
    samples.map((sample) => [sample.minutes, value(sample)]);
  const width = Math.max(1, Math.round(envelopeSeconds / sampleSeconds));
  const heap = of(({ heapUsedMiB }) => heapUsedMiB);
  return [
    { name: "resident set", points: of(({ rssMiB }) => rssMiB), judged: true },
    { name: "used heap after collections", points: lowerEnvelope(heap, width), judged: true },
    { name: "external", points: of(({ externalMiB }) => externalMiB), judged: false },
  ];
}

const all = ({
  samples,
  sampleSeconds,
}: MemoryFigures): readonly (Quantity & { readonly process: string })[] =>
  Object.entries(samples).flatMap(([process, own]) =>
    quantities(own, sampleSeconds).map((quantity) => ({ ...quantity, process })),
  );

export const memory: Section<MemoryFigures> = {
  name: "memory",
  title: "Memory under sustained load",
  what: `Closed loop without a break; every few seconds each process is asked for its resident set, used heap and external memory.
The heap is judged by its lowest value in every minute: between two collections it grows whatever happens. Lines by least
squares; flat is what lies within two standard errors of zero, or below 1 % of the mean in ten minutes.`,
  targets: (figures) =>
    all(figures)
      .filter(({ judged }) => judged)
      .map(({ process, name, points }) => flatTarget(`the ${process}'s ${name}`, lineThrough(points))),
  tables: (figures) => [
    table(
      ["MiB", "first", "last", "mean", "per minute", "standard error", "points"],
      all(figures).map(({ process, name, points }) => {
        const { slope, error, mean } = lineThrough(points);
        return [
          `${process}: ${name}`,
          ...[points[0]?.[1] ?? Number.NaN, points.at(-1)?.[1] ?? Number.NaN, mean].map((each) =>
            figure(each, 1),
          ),
          ...[slope, error].map((each) => figure(each, 3)),
          figure(points.length),
        ];
      }),
    ),
    `${figure(figures.paymentsPerSecond)} payments/s meanwhile.\n`,
    ...figures.failures.map((failure) => `- ${failure}\n`),
  ],
};
