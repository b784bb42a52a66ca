/** One of four channels hangs. */
import type { BulkheadReport } from "../../../test/support/bulkhead/experiment.js";
import type { Section, Target } from "../section.js";
import { figure, table } from "../table.js";

export interface BulkheadFigures {
  readonly ordersPerSecond: number;
  readonly buses: readonly { readonly bus: string; readonly report: BulkheadReport }[];
}

export const rateRatioMin = 0.95;
export const p99RatioMax = 1.5;

const percent = (share: number): string => `${figure(share * 100)} %`;
const seconds = (ms: number | undefined): string =>
  ms === undefined ? "never" : `${figure(ms / 1000, 1)} s`;
const counts = (of: Readonly<Record<string, number>>): string =>
  Object.entries(of)
    .map(([what, count]) => `${count} ${what}`)
    .join(", ") || "none";

const rateRatio = ({ well, hanging }: BulkheadReport["others"][number]): number =>
  hanging.paidPerSecond / well.paidPerSecond;
const p99Ratio = ({ well, hanging }: BulkheadReport["others"][number]): number => hanging.p99Ms / well.p99Ms;

const othersTable = (bus: string, { others }: BulkheadReport): string =>
  table(
    [`${bus}: channel`, ...["paid/s", "hanging", "ratio", "p50 ms", "hanging", "p99 ms", "hanging", "ratio"]],
    others.map((other) => {
      const { channel, well, hanging } = other;
      return [
        channel,
        ...[well.paidPerSecond, hanging.paidPerSecond].map((each) => figure(each, 2)),
        figure(rateRatio(other), 3),
        ...[well.p50Ms, hanging.p50Ms, well.p99Ms, hanging.p99Ms].map((each) => figure(each)),
        figure(p99Ratio(other), 2),
      ];
    }),
  );

const factsTable = (bus: string, { hung: silent, end, idle }: BulkheadReport): string =>
  table(
    [`${bus}: the one that hangs`, ""],
    [
      ["processors idle while all was well / hanging", `${percent(idle.well)} / ${percent(idle.hanging)}`],
      ["breaker opened after the hang began", seconds(silent.openedAfterMs)],
      ["charges its institution left unanswered", String(silent.chargesSent)],
      ["orders while all was well", counts(silent.answers.well)],
      ["orders while it hung", counts(silent.answers.hanging)],
      ["orders afterwards, until well again", counts(silent.answers.afterwards)],
      ["breaker closed after the hang ended", seconds(silent.closedAfterMs)],
      ["new order paid after the hang ended", seconds(silent.paidAfterMs)],
      ["last run ended after the last order", seconds(end.settledAfterMs)],
      ["orders in the end", counts(end.orders)],
      ["open / parked in the end", `${end.open} / ${end.parked.length}`],
      [
        "charged twice / for nothing / paid uncharged",
        [end.chargedTwice, end.chargedForNothing, end.paidForNothing].map(({ length }) => length).join(" / "),
      ],
    ],
  );

/** The worst of the three decides. */
const targetsOf = (bus: string, { others }: BulkheadReport): readonly Target[] => [
  {
    of: `${bus}: rate of the other three while one hangs / before`,
    ...{ bar: rateRatioMin, is: "least", found: Math.min(...others.map(rateRatio)), digits: 2 },
  },
  {
    of: `${bus}: their p99 while one hangs / before`,
    ...{ bar: p99RatioMax, is: "most", found: Math.max(...others.map(p99Ratio)), digits: 2 },
  },
];

export const bulkhead: Section<BulkheadFigures> = {
  name: "bulkhead",
  title: "One of four channels hangs",
  what: `Every channel in a process of its own, with an institution and a steady stream of orders of its own; then the institution of
one takes requests and answers nothing, later it answers again. (\`npm run bulkhead\` is the same command.)`,
  targets: ({ buses }) => buses.flatMap(({ bus, report }) => targetsOf(bus, report)),
  tables: ({ buses }) =>
    buses.flatMap(({ bus, report }) => [othersTable(bus, report), factsTable(bus, report)]),
};
