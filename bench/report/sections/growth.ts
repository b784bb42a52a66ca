/** Cost as tables grow. */
import { median } from "../percentile.js";
import type { Section } from "../section.js";
import { figure, table } from "../table.js";

export interface GrowthSide {
  readonly paymentsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** At half of the load. */
  readonly halfLoadP99Ms: number;
  /** Processor milliseconds of PostgreSQL per payment. */
  readonly postgresMs: number;
}

export interface GrowthFigures {
  /** In place when the first round began. */
  readonly orders: number;
  readonly databaseBytes: number;
  readonly tables: readonly { readonly name: string; readonly rows: number; readonly bytes: number }[];
  readonly rounds: readonly { readonly empty: GrowthSide; readonly full: GrowthSide }[];
  /** Tables with many rows that were read from one end to the other while payments were measured. */
  readonly scanned: readonly { readonly name: string; readonly scans: number; readonly rows: number }[];
  readonly failures: readonly string[];
}

export const fullOverEmptyMin = 0.9;

const ratioOf = (rounds: GrowthFigures["rounds"], of: (side: GrowthSide) => number): number =>
  median(rounds.map(({ empty, full }) => of(full) / of(empty)));

const rows: readonly (readonly [string, number, (side: GrowthSide) => number])[] = [
  ["payments/s", 0, ({ paymentsPerSecond }) => paymentsPerSecond],
  ["p50 ms", 1, ({ p50Ms }) => p50Ms],
  ["p99 ms", 1, ({ p99Ms }) => p99Ms],
  ["p99 ms at half load", 1, ({ halfLoadP99Ms }) => halfLoadP99Ms],
  ["PostgreSQL's processor ms per payment", 2, ({ postgresMs }) => postgresMs],
];

const mebibytes = (bytes: number): string => figure(bytes / 2 ** 20, 1);

export const growth: Section<GrowthFigures> = {
  name: "growth",
  title: "As tables grow",
  what: `The same load on an empty database and on one with settled orders in place, alternately in rounds; figures are medians,
ratios the median of the ratios of each round. Some orders were really paid, and their rows copied under ids and times of
their own, spread over the last 30 days.`,
  targets: ({ rounds, scanned }) => [
    {
      of: "payments/s with settled orders in place / empty",
      ...{ bar: fullOverEmptyMin, is: "least", digits: 2 },
      found: ratioOf(rounds, ({ paymentsPerSecond }) => paymentsPerSecond),
    },
    {
      of: "sequential scans of large tables under load",
      ...{ bar: 0, is: "most", found: scanned.reduce((sum, { scans }) => sum + scans, 0), digits: 0 },
    },
  ],
  tables: ({ orders, databaseBytes, tables, rounds, scanned, failures }) => [
    table(
      ["", "empty", `${figure(orders)} orders`, "ratio"],
      rows.map(([name, digits, of]) => [
        name,
        figure(median(rounds.map(({ empty }) => of(empty))), digits),
        figure(median(rounds.map(({ full }) => of(full))), digits),
        figure(ratioOf(rounds, of), 2),
      ]),
    ),
    table(
      ["table", "rows", "MiB with indexes"],
      [
        ...tables.map(({ name, rows: count, bytes }) => [name, figure(count), mebibytes(bytes)]),
        ["the whole database", "", mebibytes(databaseBytes)],
      ],
    ),
    ...scanned.map(({ name, scans, rows: read }) => `- ${name}: ${scans} scans, ${figure(read)} rows read\n`),
    ...failures.map((failure) => `- ${failure}\n`),
  ],
};
