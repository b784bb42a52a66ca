/**
 * Fills a database with settled orders: some are really paid, through the whole system, and what they have left behind
 * is then copied by SQL, spread over the last days.
 */
import type pg from "pg";
import { valence } from "../../contestants/valence.js";
import { onDatabase } from "../../database.js";
import { withRunning } from "../../measurement.js";
import { figure } from "../../report/table.js";
import { type Column, copyStatement, workshop } from "./columns.js";

type Say = (text: string) => void;

/** Orders are as many at a time as are copied in one transaction. */
const chunkOrders = 20_000;
/** Transactions side by side: what one waits for the disk, the other computes. */
const lanes = 2;
const spreadDays = 30;
const dayMs = 86_400_000;
const settleMsMax = 60_000;

/** Pays for a few seconds, and waits until nothing of it is under way. */
const payTemplates = (databaseUrl: string): Promise<void> =>
  withRunning(databaseUrl, valence(undefined), [], async ({ baseUrl }, load) => {
    const pace = { kind: "closed", inFlight: 64 } as const;
    const phase = { baseUrl, pace, expectedPerSecond: 1_000, rampMs: 0, windowMs: 4_000, drainMsMax: 20_000 };
    await load.run(phase);
    const giveUpAtMs = Date.now() + settleMsMax;
    const open = `select (select count(*) from core.runs where state <> 'ended')
      + (select count(*) from bus.messages) as open`;
    await onDatabase(databaseUrl, async (client) => {
      while (Number((await client.query<{ open: string }>(open)).rows[0]?.open) > 0) {
        if (Date.now() > giveUpAtMs) throw new Error("payments did not settle");
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    });
  });

const columnsOf = async (client: pg.Client, table: string): Promise<readonly Column[]> => {
  const { rows } = await client.query<Column>(
    `select column_name as name, data_type as type,
       is_identity = 'YES' or is_generated = 'ALWAYS' or data_type = 'xid8' as generated
     from information_schema.columns where table_schema = 'core' and table_name = $1 order by ordinal_position`,
    [table],
  );
  return rows;
};

/** Tables of `core` that grow with every order, partitioned ones as one, and how many rows they have. */
async function growing(client: pg.Client): Promise<ReadonlyMap<string, number>> {
  const { rows } = await client.query<{ name: string }>(
    `select relname as name from pg_class
     where relnamespace = 'core'::regnamespace and relkind in ('r', 'p') and not relispartition order by 1`,
  );
  const counts = new Map<string, number>();
  for (const { name } of rows) {
    const counted = await client.query<{ count: string }>(`select count(*) from core.${name}`);
    counts.set(name, Number(counted.rows[0]?.count));
  }
  const orders = counts.get("orders") ?? 0;
  return new Map([...counts].filter(([, count]) => count >= orders));
}

/** The journal's own tables for the days that the copies are of. */
async function makePartitions(client: pg.Client): Promise<void> {
  for (let ago = spreadDays + 1; ago > 0; ago -= 1) {
    const day = new Date(Date.now() - ago * dayMs).toISOString().slice(0, 10);
    await client.query(
      `create table if not exists core.journal_${day.replaceAll("-", "")} partition of core.journal
       for values from ('${day}') to (('${day}'::date + 1))`,
    );
  }
}

/** @returns the statements that copy, one for each table, and the number of templates */
const prepare = (databaseUrl: string, say: Say): Promise<readonly [readonly string[], number]> =>
  onDatabase(databaseUrl, async (client) => {
    await client.query(`create schema ${workshop}`);
    await makePartitions(client);
    const tables = await growing(client);
    const statements: string[] = [];
    for (const [table, rows] of tables) {
      say(`  ${figure(rows)} rows of ${table} to copy`);
      await client.query(`create table ${workshop}.${table} as select * from core.${table}`);
      statements.push(copyStatement("core", table, await columnsOf(client, table)));
    }
    return [statements, tables.get("orders") ?? 0];
  });

async function copyAll(
  databaseUrl: string,
  statements: readonly string[],
  templates: number,
  copies: number,
  say: Say,
): Promise<void> {
  const perChunk = Math.max(1, Math.floor(chunkOrders / templates));
  let next = 1;
  let done = 0;
  const lane = (): Promise<void> =>
    onDatabase(databaseUrl, async (client) => {
      // What a crash would take is filled again.
      await client.query("set synchronous_commit = off");
      while (next <= copies) {
        const from = next;
        const to = Math.min(copies, from + perChunk - 1);
        next = to + 1;
        await client.query("begin");
        for (const statement of statements)
          await client.query(statement, [from, to, copies, spreadDays * dayMs]);
        await client.query("commit");
        done += to - from + 1;
        say(`  ${figure(done * templates)} of ${figure(copies * templates)} orders copied`);
      }
    });
  await Promise.all(Array.from({ length: lanes }, lane));
}

/** Copies what there is until there are about so many orders; afterwards everything is vacuumed and analyzed. */
export async function multiply(databaseUrl: string, orders: number, say: Say): Promise<void> {
  const [statements, templates] = await prepare(databaseUrl, say);
  if (templates === 0) throw new Error("there is not a single order to copy");
  await copyAll(databaseUrl, statements, templates, Math.ceil(orders / templates) - 1, say);
  say("vacuum analyze");
  await onDatabase(databaseUrl, async (client) => {
    await client.query("vacuum (analyze)");
    await client.query("checkpoint");
    await client.query(`drop schema ${workshop} cascade`);
  });
}

/** About so many settled orders, and everything that comes with them. */
export async function fill(databaseUrl: string, orders: number, say: Say): Promise<void> {
  say("paying some orders to copy");
  await payTemplates(databaseUrl);
  await multiply(databaseUrl, orders, say);
}

/** Nobody was interrupted while filling it. */
export const isFilled = (databaseUrl: string): Promise<boolean> =>
  onDatabase(databaseUrl, async (client) => {
    const { rows } = await client.query<{ filled: boolean }>(
      `select to_regnamespace($1) is null and to_regclass('core.orders') is not null as filled`,
      [workshop],
    );
    return rows[0]?.filled === true;
  });
