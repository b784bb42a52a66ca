/**
 * What PostgreSQL counted for one database. A backend hands its counters in when it ends, or seconds later: exact
 * figures are read before the first and after the last connection of a contestant.
 */
import pg from "pg";

export interface TableCounts {
  readonly inserted: number;
  readonly updated: number;
  readonly deleted: number;
}

export interface PostgresCounts {
  /** Transactions that wrote, each an fsync of its own or shared: transaction ids given out by the whole server. */
  readonly commits: number;
  /** All transactions of this database, those that only read included. */
  readonly transactions: number;
  /** Of the whole server: nothing else may write to it meanwhile. */
  readonly walBytes: number;
  /** By `schema.table`, partitions counted with their table. */
  readonly tables: Readonly<Record<string, TableCounts>>;
}

const ofServer = `
  select pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::float8 as "walBytes",
         pg_snapshot_xmax(pg_current_snapshot())::text::float8 as commits,
         xact_commit::float8 as transactions
    from pg_stat_database where datname = current_database()`;

const ofTables = `
  select coalesce(parent.nspname || '.' || root.relname, s.schemaname || '.' || s.relname) as name,
         sum(n_tup_ins)::float8 as inserted, sum(n_tup_upd)::float8 as updated, sum(n_tup_del)::float8 as deleted
    from pg_stat_user_tables s
    left join pg_class root on root.oid = nullif(pg_partition_root(s.relid), s.relid)
    left join pg_namespace parent on parent.oid = root.relnamespace
   group by 1 order by 1`;

const connections = `
  select count(*)::int as count from pg_stat_activity
   where datname = current_database() and backend_type = 'client backend' and pid <> pg_backend_pid()`;

async function ask<T>(databaseUrl: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: databaseUrl, application_name: "bench" });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

export const readPostgres = (databaseUrl: string): Promise<PostgresCounts> =>
  ask(databaseUrl, async (client) => {
    const server = await client.query<Omit<PostgresCounts, "tables">>(ofServer);
    const tables = await client.query<TableCounts & { name: string }>(ofTables);
    return {
      commits: server.rows[0]?.commits ?? Number.NaN,
      transactions: server.rows[0]?.transactions ?? Number.NaN,
      walBytes: server.rows[0]?.walBytes ?? Number.NaN,
      tables: Object.fromEntries(tables.rows.map(({ name, ...counts }) => [name, counts])),
    };
  });

/** How many connections are open to this database, ours left out. */
export const openConnections = (databaseUrl: string): Promise<number> =>
  ask(
    databaseUrl,
    async (client) => (await client.query<{ count: number }>(connections)).rows[0]?.count ?? 0,
  );

/** Facts that make figures comparable. */
export const settingsOf = (databaseUrl: string): Promise<Readonly<Record<string, string>>> =>
  ask(databaseUrl, async (client) => {
    const names = ["server_version", "fsync", "synchronous_commit", "full_page_writes", "shared_buffers"];
    const { rows } = await client.query<{ name: string; value: string }>(
      "select name, current_setting(name) as value from unnest($1::text[]) as name",
      [names],
    );
    return Object.fromEntries(rows.map(({ name, value }) => [name, value]));
  });
