/** What people who watch cost those who pay. */
import { median, type Spread } from "../percentile.js";
import type { Section } from "../section.js";
import { figure, table } from "../table.js";

export interface WatchedSide {
  readonly perSecond: number;
  /** Processor milliseconds per payment, of all that answers: bridge, worker, PostgreSQL, broker. */
  readonly processorMs: number;
}

export interface ConsoleFigures {
  /** Consoles open at the same time. */
  readonly consoles: number;
  /** The closed loop, nobody watching and watched, one after the other. */
  readonly rounds: readonly { readonly alone: WatchedSide; readonly watched: WatchedSide }[];
  /** Until an answer was there while the load ran, by what was asked. */
  readonly answers: Readonly<Record<string, Spread & { readonly count: number }>>;
  /** Between two events of the live stream. */
  readonly gaps: Spread;
  readonly failures: readonly string[];
}

export const shareMin = 0.97;
/** A person calls it immediate below this. */
export const answerMsMax = 1_000;
/** The stream ticks once a second; the console shows it as stale after five. */
export const gapMsMax = 5_000;

const ratioOf = ({ rounds }: ConsoleFigures, of: keyof WatchedSide): number =>
  median(rounds.map(({ alone, watched: side }) => side[of] / alone[of]));

export const watched: Section<ConsoleFigures> = {
  name: "console",
  title: "The console at full load",
  what: `The closed loop in turns: nobody watches, then several open consoles do, each with the live stream and the calls that its pages
repeat. The admin API shares the worker's process, as in the benchmark, and whoever watches shares the machine: of what that
takes from the payments, the processor time of the engine and its database is the engine's part.`,
  targets: (figures) => [
    {
      of: "payments/s watched / alone, median of the rounds",
      ...{ bar: shareMin, is: "least", found: ratioOf(figures, "perSecond"), digits: 3 },
    },
    {
      of: "processor time per payment watched / alone, median of the rounds",
      ...{ bar: 2 - shareMin, is: "most", found: ratioOf(figures, "processorMs"), digits: 3 },
    },
    {
      of: "slowest 99th percentile of an answer, ms",
      bar: answerMsMax,
      is: "most",
      found: Math.max(...Object.values(figures.answers).map(({ p99Ms }) => p99Ms)),
      digits: 0,
    },
    {
      of: "longest silence of the stream, ms",
      ...{ bar: gapMsMax, is: "most", found: figures.gaps.maxMs, digits: 0 },
    },
  ],
  tables: ({ consoles, rounds, answers, gaps }) => [
    table(
      [
        ...[`${consoles} consoles: round`, "alone, payments/s", "watched", "ratio"],
        ...["alone, processor ms per payment", "watched", "ratio"],
      ],
      rounds.map(({ alone, watched: side }, index) => [
        String(index + 1),
        ...[figure(alone.perSecond), figure(side.perSecond), figure(side.perSecond / alone.perSecond, 3)],
        ...[alone.processorMs, side.processorMs].map((ms) => figure(ms, 2)),
        figure(side.processorMs / alone.processorMs, 3),
      ]),
    ),
    table(
      ["answered under load, ms", "answers", "p50", "p99", "longest"],
      [
        ...Object.entries(answers).map(([path, { count, p50Ms, p99Ms, maxMs }]) => [
          path,
          figure(count),
          ...[p50Ms, p99Ms, maxMs].map((ms) => figure(ms)),
        ]),
        ["between events of the stream", "", ...[gaps.p50Ms, gaps.p99Ms, gaps.maxMs].map((ms) => figure(ms))],
      ],
    ),
  ],
};
