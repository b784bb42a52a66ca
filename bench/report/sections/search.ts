/** Finding one order, or some, among very many. */
import type { Spread } from "../percentile.js";
import type { Section } from "../section.js";
import { figure, table } from "../table.js";

export interface SearchFigures {
  /** In place. */
  readonly orders: number;
  /** What was searched for, each as often. Milliseconds. */
  readonly searches: readonly (Spread & {
    readonly what: string;
    readonly count: number;
    /** Orders on the page, the median search. */
    readonly found: number;
  })[];
  readonly failures: readonly string[];
}

/** A person calls it immediate below this. */
export const numberMsMax = 100;
/** A search that looks at much gives its page back after 1.5 s; one slice more may be under way. */
export const searchMsMax = 2_000;

/** By a number somebody holds, rather than by what orders are like. */
const isNumber = (what: string): boolean => what.startsWith("number");

export const search: Section<SearchFigures> = {
  name: "search",
  title: "Searching orders",
  what: `Pages of fifty as the console asks for them, from the code that answers it, with nothing else to do. Searches for what few
orders are like look back in time until their page is full or their time is over, and say how far they looked.`,
  targets: ({ searches }) => [
    {
      of: "by a number, 99th percentile, ms",
      ...{ bar: numberMsMax, is: "most", digits: 1 },
      found: Math.max(...searches.filter(({ what }) => isNumber(what)).map(({ p99Ms }) => p99Ms)),
    },
    {
      of: "slowest search of all, ms",
      ...{ bar: searchMsMax, is: "most", digits: 0 },
      found: Math.max(...searches.map(({ maxMs }) => maxMs)),
    },
  ],
  tables: ({ orders, searches }) => [
    table(
      [`among ${figure(orders)} orders, ms`, "searches", "found", "p50", "p99", "longest"],
      searches.map(({ what, count, found, p50Ms, p99Ms, maxMs }) => [
        what,
        figure(count),
        figure(found),
        ...[p50Ms, p99Ms, maxMs].map((ms) => figure(ms, 1)),
      ]),
    ),
  ],
};
