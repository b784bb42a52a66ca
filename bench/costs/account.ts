/** What one payment cost, from counters taken before and after. */
import type { PostgresCounts, TableCounts } from "./postgres.js";

export interface DatabaseCosts {
  /** Each per payment. */
  readonly commits: number;
  readonly transactions: number;
  readonly walBytes: number;
  readonly inserted: number;
  readonly updated: number;
  readonly deleted: number;
  /** Tables that were written to, most rows first. */
  readonly tables: Readonly<Record<string, TableCounts>>;
}

const none: TableCounts = { inserted: 0, updated: 0, deleted: 0 };
const rowsOf = ({ inserted, updated, deleted }: TableCounts): number => inserted + updated + deleted;

/** @param payments that happened between the two readings */
export function databaseCosts(
  before: PostgresCounts,
  after: PostgresCounts,
  payments: number,
): DatabaseCosts {
  const each = (from: number, to: number): number => (to - from) / payments;
  const tables = Object.entries(after.tables)
    .map(([name, to]): readonly [string, TableCounts] => {
      const from = before.tables[name] ?? none;
      return [
        name,
        {
          inserted: each(from.inserted, to.inserted),
          updated: each(from.updated, to.updated),
          deleted: each(from.deleted, to.deleted),
        },
      ];
    })
    .filter(([, counts]) => rowsOf(counts) > 0)
    .sort(([, a], [, b]) => rowsOf(b) - rowsOf(a));
  const sum = (what: keyof TableCounts): number =>
    tables.reduce((total, [, counts]) => total + counts[what], 0);
  return {
    commits: each(before.commits, after.commits),
    transactions: each(before.transactions, after.transactions),
    walBytes: each(before.walBytes, after.walBytes),
    inserted: sum("inserted"),
    updated: sum("updated"),
    deleted: sum("deleted"),
    tables: Object.fromEntries(tables),
  };
}

/** Processor milliseconds per payment, by process; those that could not be seen are left out. */
export function processorCosts(
  before: Readonly<Record<string, number>>,
  after: Readonly<Record<string, number>>,
  payments: number,
): Readonly<Record<string, number>> {
  const costs = Object.entries(after).map(([name, seconds]): readonly [string, number] => [
    name,
    ((seconds - (before[name] ?? Number.NaN)) / payments) * 1000,
  ]);
  return Object.fromEntries(costs.filter(([, ms]) => Number.isFinite(ms)));
}
