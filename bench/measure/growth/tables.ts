/** How large the tables of a database are, and how often they were read from one end to the other. */
import { onDatabase } from "../../database.js";

export interface TableState {
  readonly name: string;
  /** By statistics. */
  readonly rows: number;
  /** Indexes included. */
  readonly bytes: number;
  readonly sequentialScans: number;
  readonly sequentialRows: number;
}

/** By `schema.table`, partitions counted with their table. Counters of connections that are open may still be missing. */
export const readTables = (databaseUrl: string): Promise<readonly TableState[]> =>
  onDatabase(databaseUrl, async (client) => {
    const { rows } = await client.query<TableState>(
      `select coalesce(parent.nspname || '.' || root.relname, s.schemaname || '.' || s.relname) as name,
         sum(n_live_tup)::float8 as rows, sum(pg_total_relation_size(s.relid))::float8 as bytes,
         sum(seq_scan)::float8 as "sequentialScans", sum(seq_tup_read)::float8 as "sequentialRows"
       from pg_stat_user_tables s
       left join pg_class root on root.oid = nullif(pg_partition_root(s.relid), s.relid)
       left join pg_namespace parent on parent.oid = root.relnamespace
       group by 1 order by bytes desc, name`,
    );
    return rows;
  });

/** What was scanned between two readings, of tables that had at least `rowsMin` rows before. */
export function scannedBetween(
  before: readonly TableState[],
  after: readonly TableState[],
  rowsMin: number,
): readonly { readonly name: string; readonly scans: number; readonly rows: number }[] {
  const large = new Map(before.filter(({ rows }) => rows >= rowsMin).map((table) => [table.name, table]));
  return after.flatMap(({ name, sequentialScans, sequentialRows }) => {
    const from = large.get(name);
    if (!from) return [];
    const scans = sequentialScans - from.sequentialScans;
    return scans > 0 ? [{ name, scans, rows: sequentialRows - from.sequentialRows }] : [];
  });
}
