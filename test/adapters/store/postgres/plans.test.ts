/** The statements of the hot loops go by index, whatever the planner knows or does not know about the tables. */
import assert from "node:assert/strict";
import type pg from "pg";
import { claimSetup } from "../../../../adapters/bus/postgres/bus.js";
import { claim } from "../../../../adapters/bus/postgres/queries.js";
import {
  commitSetup,
  commitStatement,
  insertKey,
  publishKey,
  transitionKey,
} from "../../../../adapters/store/postgres/statement.js";
import { Tables } from "../../../../adapters/store/postgres/tables.js";
import { freshDatabase, onServer, type TestDatabase } from "../../../support/postgres.js";
import { allTables, openProcess } from "../../../support/postgres-world.js";

/** A node of `explain (format json)`. */
interface PlanNode {
  readonly "Node Type": string;
  readonly "Relation Name"?: string;
  readonly "Index Cond"?: string;
  readonly Plans?: readonly PlanNode[];
}

/** Everything a unit can carry: each table inserted into both ways, each guarded one moved, and messages. */
function everyPart(): string {
  const tables = new Tables(allTables);
  const inserts = allTables.flatMap(({ name, columns }) =>
    (["conflict", "keep"] as const).map((exists) => insertKey(name, Object.keys(columns), exists)),
  );
  const moves = allTables
    .filter(({ status }) => status !== undefined)
    .map(({ name, columns }) => transitionKey(name, "updatedAt" in columns ? ["updatedAt"] : [], []));
  return commitStatement([...inserts, ...moves, publishKey], tables).text;
}

async function claimText(): Promise<string> {
  let text = "";
  const capture = { query: (sql: string) => ((text = sql), Promise.resolve([])) };
  await claim({ ...capture, transaction: () => Promise.reject(new Error()) } as never, [], "", "", 0);
  return text;
}

const statements = {
  commit: { text: everyPart, setup: commitSetup, values: (n: number) => Array(n).fill("null") },
  claim: {
    text: claimText,
    setup: claimSetup,
    values: () => ["array['q']", "array[10]", `'${"0".repeat(32)}'`, `'${"0".repeat(32)}'`, "20000"],
  },
} as const;

async function planOf(
  client: pg.Client,
  name: keyof typeof statements,
  setup: readonly string[],
  rewrite: (sql: string) => string = (sql) => sql,
): Promise<PlanNode> {
  const { text, values } = statements[name];
  const sql = rewrite(await text());
  for (const setting of ["reset all", "set plan_cache_mode = force_generic_plan", ...setup])
    await client.query(setting);
  const count = Math.max(...[...sql.matchAll(/\$(\d+)/g)].map(([, number]) => Number(number)));
  await client.query(`prepare tried as ${sql}`);
  try {
    const { rows } = await client.query<{ "QUERY PLAN": readonly { readonly Plan: PlanNode }[] }>(
      `explain (format json) execute tried (${values(count).join(", ")})`,
    );
    return rows[0]!["QUERY PLAN"][0]!.Plan;
  } finally {
    await client.query("deallocate tried");
  }
}

/** What reads more of a table than it was asked for. */
function wasteful(node: PlanNode): readonly string[] {
  const { "Node Type": type, "Relation Name": relation, "Index Cond": condition } = node;
  const scans = relation !== undefined && /Scan$/.test(type) && type !== "Bitmap Heap Scan";
  const bad = /^(Hash|Merge) Join$/.test(type) || (scans && condition === undefined);
  return [...(bad ? [`${type} ${relation ?? ""}`.trim()] : []), ...(node.Plans ?? []).flatMap(wasteful)];
}

/** 20,000 rows each, and no statistics about them. */
const fill = `
  alter table core.orders set (autovacuum_enabled = false);
  alter table core.payments set (autovacuum_enabled = false);
  alter table core.runs set (autovacuum_enabled = false);
  alter table bus.messages set (autovacuum_enabled = false);
  insert into core.orders (order_id, merchant_id, merchant_order_id, type, status, amount, currency, run_id,
      created_at, updated_at)
    select gen_random_uuid(), 'm', n, 'pay', 'processing', 1, 'EUR', gen_random_uuid(), now(), now()
    from generate_series(1, 20000) n;
  insert into core.payments (payment_id, order_id, run_id, attempt, channel, status, amount, currency, created_at,
      updated_at)
    select gen_random_uuid(), order_id, run_id, 1, 'sim', 'sending', 1, 'EUR', now(), now() from core.orders;
  insert into core.runs (run_id, flow, type, plan_hash, state, stage, hop, reason, created_at, updated_at)
    select run_id, 'pay', 'pay', 'h', 'open', 's', 0, '', now(), now() from core.orders;
  insert into core.journal (run_day, run_id, hop, point, step, kind, stage, outcome, data, owner)
    select (now() at time zone 'utc')::date, run_id, 0, 0, 0, 'end', 's', '', '{}', gen_random_uuid() from core.runs;
  insert into bus.messages (message_id, queue, type, body, visible_at)
    select gen_random_uuid(), 'q' || n % 7, 'run', '{}', now() from generate_series(1, 20000) n;`;

describe("plans of the hot statements", () => {
  let database: TestDatabase;
  before(async () => {
    database = await freshDatabase();
    await (await openProcess(database)).close();
  });
  after(() => database.drop());

  const empty = ["core.orders", "core.payments", "core.runs", "core.journal", "bus.messages"].map(
    (table) => `delete from ${table}`,
  );
  const states: readonly (readonly [state: string, ...changes: readonly string[]])[] = [
    ["fresh tables"],
    // As every queue is most of the time; the plan made then is used when the messages come.
    ["tables counted while they were empty", "vacuum analyze"],
    ["20,000 rows nobody has counted", fill],
    ["20,000 rows that were analyzed", "vacuum analyze"],
    ["tables that were emptied", ...empty, "vacuum analyze"],
  ];
  for (const [state, ...changes] of states) {
    describe(state, () => {
      before(() =>
        onServer(database.url, async (client) => {
          for (const change of changes) await client.query(change);
        }),
      );

      for (const name of ["commit", "claim"] as const) {
        it(`${name}: every row by index, no join that reads it all`, () =>
          onServer(database.url, async (client) => {
            assert.deepEqual(wasteful(await planOf(client, name, statements[name].setup)), []);
          }));
      }
    });
  }

  describe("would be otherwise, which the check sees", () => {
    const found = (
      name: keyof typeof statements,
      setup: readonly string[],
      rewrite?: (sql: string) => string,
    ) => onServer(database.url, async (client) => wasteful(await planOf(client, name, setup, rewrite)));

    it("without the settings of the connection", async () => {
      assert.notDeepEqual(await found("commit", []), []);
    });
    for (const name of ["commit", "claim"] as const) {
      it(`${name}: with plain equality where a lookup is meant`, async () => {
        const plain = (sql: string): string => sql.replace(/= any\(array\[([^\]]+)\]\)/g, "= $1");
        assert.notDeepEqual(await found(name, statements[name].setup, plain), []);
      });
    }
  });
});
