/** Cold start on existing data. */
import { median } from "../percentile.js";
import type { Section } from "../section.js";
import { figure, table } from "../table.js";

export interface StartFigures {
  /** Orders in place before the first start that counts. */
  readonly orders: number;
  readonly cases: readonly {
    readonly database: "embedded" | "PostgreSQL";
    /** How the process before it ended. */
    readonly after: "stop" | "kill -9";
    /** From the spawn of the process to the line that says it is up, in the order they were taken. */
    readonly readyMs: readonly number[];
  }[];
  /** The very first start, which makes the tables, by database. Not judged. */
  readonly firstMs: Readonly<Record<string, number>>;
}

export const readyMsMax = 3_000;

const seconds = (ms: number): string => figure(ms / 1000, 2);

export const start: Section<StartFigures> = {
  name: "start",
  title: "Cold start on existing data",
  what: `From the start of the process \`valence up\` to the line that says that it is up, on data that was there before: after an
orderly stop and after kill -9, on the embedded database and on PostgreSQL. Files are in the operating system's cache.`,
  targets: ({ cases }) =>
    cases.map(({ database, after, readyMs }) => ({
      of: `slowest start in seconds, ${database}, after ${after}`,
      ...{ bar: readyMsMax / 1000, is: "most", found: Math.max(...readyMs) / 1000, digits: 2 },
    })),
  tables: ({ cases, orders, firstMs }) => [
    table(
      [`seconds to ready, ${figure(orders)} orders in place`, "starts", "median", "fastest", "slowest"],
      [
        ...cases.map(({ database, after, readyMs }) => [
          `${database}, after ${after}`,
          figure(readyMs.length),
          ...[median(readyMs), Math.min(...readyMs), Math.max(...readyMs)].map(seconds),
        ]),
        ...Object.entries(firstMs).map(([database, ms]) => [
          `${database}, the very first start`,
          "1",
          ...[ms, ms, ms].map(seconds),
        ]),
      ],
    ),
  ],
};
