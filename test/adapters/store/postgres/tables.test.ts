import assert from "node:assert/strict";
import { snake } from "../../../../adapters/store/postgres/tables.js";
import type { ColumnType } from "../../../../engine/ports/store.js";
import { freshDatabase, onServer } from "../../../support/postgres.js";
import { allTables } from "../../../support/postgres-world.js";

const types: Readonly<Record<ColumnType, string>> = {
  uuid: "uuid",
  text: "text",
  int: "integer",
  bigint: "bigint",
  boolean: "boolean",
  timestamp: "timestamp with time zone",
  date: "date",
  // Or `jsonb`, where something looks into it.
  json: "json",
};

/** A trigger links each line of the audit to the one before. */
const chained = ["seq", "previous", "hash"].map((column) => `config.audit ${column}`);

describe("tables as they are described and as the migrations make them", () => {
  let columns: ReadonlyMap<string, Readonly<Record<string, string>>>;
  let keys: ReadonlyMap<string, readonly string[]>;
  /** Columns the database fills in (its own time, its own count): a description may leave them to it. */
  let filledIn: ReadonlySet<string>;
  before(async () => {
    const database = await freshDatabase();
    await onServer(database.url, async (client) => {
      const { rows: found } = await client.query<{ name: string; columns: Record<string, string> }>(
        `select table_schema || '.' || table_name as name, json_object_agg(column_name, replace(data_type, 'jsonb', 'json')) as columns
         from information_schema.columns where table_schema in ('core', 'bus', 'edge', 'config') group by 1`,
      );
      columns = new Map(found.map(({ name, columns: ofTable }) => [name, ofTable]));
      const { rows: filled } = await client.query<{ name: string; column: string }>(
        `select table_schema || '.' || table_name as name, column_name as column
         from information_schema.columns
         where column_default in ('now()', 'pg_current_xact_id()') or is_identity = 'YES'`,
      );
      filledIn = new Set([...filled.map(({ name, column }) => `${name} ${column}`), ...chained]);
      const { rows: primary } = await client.query<{ name: string; key: string[] }>(
        `select n.nspname || '.' || t.relname as name, array_agg(a.attname::text order by k.place) as key
         from pg_index i join pg_class t on t.oid = i.indrelid join pg_namespace n on n.oid = t.relnamespace
         cross join lateral unnest(i.indkey) with ordinality as k(number, place)
         join pg_attribute a on a.attrelid = t.oid and a.attnum = k.number
         where i.indisprimary group by 1`,
      );
      keys = new Map(primary.map(({ name, key }) => [name, key]));
    });
    await database.drop();
  });

  for (const spec of allTables) {
    const name = `${spec.schema}.${snake(spec.name)}`;
    it(`${name}: columns, types, key and status agree`, () => {
      const described = Object.entries(spec.columns).map(([column, type]) => [snake(column), types[type]]);
      const present = Object.entries(columns.get(name) ?? {}).filter(
        ([column]) => described.some(([known]) => known === column) || !filledIn.has(`${name} ${column}`),
      );
      assert.deepEqual(Object.fromEntries(described), Object.fromEntries(present));
      assert.deepEqual(spec.key.map(snake), keys.get(name));
      if (spec.status !== undefined) assert.equal(spec.columns[spec.status], "text");
    });
  }
});
