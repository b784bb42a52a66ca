/** What a ledger may rely on that reads the accounting feed while entries are being committed. */
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import pg from "pg";
import { until } from "../../../contract/world.js";
import { freshDatabase, type TestDatabase } from "../../../support/postgres.js";

interface Entry {
  readonly order: string;
  readonly written_by: string;
  readonly sequence: string;
}

/** What this reader has seen so far, in the order in which it saw it. */
class Reader {
  readonly seen: string[] = [];
  #cursor = ["0", "0"];

  constructor(
    private readonly client: pg.Client,
    /** What lies behind a cursor `($1, $2)`, and in which order. */
    private readonly sql: string,
  ) {}

  /** Reads until it has seen so many: a transaction of somebody else on this server may hold it back for a moment. */
  async readTo(count: number): Promise<readonly string[]> {
    await until(`${count} entries are readable`, async () => (await this.read()).length >= count);
    return this.seen;
  }

  async read(): Promise<readonly string[]> {
    const { rows } = await this.client.query<Entry>(
      `select merchant_order_id as order, written_by, sequence from ${this.sql}`,
      this.#cursor,
    );
    const last = rows.at(-1);
    if (last) this.#cursor = [last.written_by, last.sequence];
    this.seen.push(...rows.map(({ order }) => order));
    return this.seen;
  }
}

const asToldInTheMigration =
  "core.accounting_feed_readable where (written_by, sequence) > ($1, $2) order by written_by, sequence limit 1000";
/** `$1` has to be named, or its type is unknown. */
const bySequence = "core.accounting_feed where $1::xid8 is not null and sequence > $2 order by sequence";
const readableBySequence = bySequence.replace("accounting_feed", "accounting_feed_readable");

describe("the accounting feed, read while it is written", () => {
  let database: TestDatabase;
  let clients: readonly pg.Client[];
  let [early, late, own] = [] as unknown as [pg.Client, pg.Client, pg.Client];

  beforeEach(async () => {
    database = await freshDatabase();
    clients = [0, 1, 2].map(() => new pg.Client({ connectionString: database.url }));
    for (const client of clients) await client.connect();
    [early, late, own] = clients as unknown as [pg.Client, pg.Client, pg.Client];
  });
  afterEach(async () => {
    for (const client of clients) await client.end();
    await database.drop();
  });

  const enter = (client: pg.Client, order: string, entryId: string = randomUUID()): Promise<unknown> =>
    client.query(
      `insert into core.accounting_feed (entry_id, event, order_id, payment_id, merchant_id, merchant_order_id, type,
         business, channel, amount, currency, paid_at, run_id, entered_at)
       values ($1, 'order.paid', $1, $1, 'm1', $2, 'pay', 'pay', 'alpha', 100, 'CNY', now(), $1, now())
       on conflict do nothing`,
      [entryId, order],
    );

  it("an entry that was written before and committed after another one is not passed over", async () => {
    const [reader, naive] = [new Reader(own, asToldInTheMigration), new Reader(own, bySequence)];
    await early.query("begin");
    await enter(early, "written first");
    await enter(late, "committed first");
    assert.deepEqual(await reader.read(), [], "it waits");
    assert.deepEqual(await naive.read(), ["committed first"]);
    await early.query("commit");
    assert.deepEqual(await reader.readTo(2), ["written first", "committed first"]);
    assert.deepEqual(await naive.read(), ["committed first"], "a cursor of sequence alone has lost one");
  });

  it("nor one with a lower number, from a transaction that began later", async () => {
    const [reader, naive] = [new Reader(own, asToldInTheMigration), new Reader(own, readableBySequence)];
    for (const client of [early, late]) await client.query("begin; select pg_current_xact_id()");
    await enter(late, "number one");
    await enter(early, "number two");
    await early.query("commit");
    for (const each of [reader, naive]) assert.deepEqual(await each.readTo(1), ["number two"]);
    await late.query("commit");
    assert.deepEqual(await reader.readTo(2), ["number two", "number one"]);
    assert.deepEqual(await naive.read(), ["number two"], "a cursor of sequence alone has lost one");
  });

  it("repeats and refused commits leave gaps between the numbers, and nothing else", async () => {
    const reader = new Reader(own, asToldInTheMigration);
    const entryId = randomUUID();
    await enter(early, "first", entryId);
    await enter(late, "repeated", entryId);
    await early.query("begin");
    await enter(early, "refused");
    await early.query("rollback");
    await enter(late, "last");
    assert.deepEqual(await reader.readTo(2), ["first", "last"]);
    const { rows } = await own.query<Entry>("select sequence from core.accounting_feed order by 1");
    assert.deepEqual(
      // A number or its digits, as the driver was told by whoever was first.
      rows.map(({ sequence }) => Number(sequence)),
      [1, 4],
    );
  });

  it("the reader goes by index", async () => {
    await own.query("set enable_seqscan = off; set enable_bitmapscan = off");
    const { rows } = await own.query<{ "QUERY PLAN": string }>(
      `explain select * from ${asToldInTheMigration.replace("$1, $2", "'7'::xid8, 7")}`,
    );
    const plan = rows.map((row) => row["QUERY PLAN"]).join("\n");
    assert.match(plan, /Index Scan using accounting_feed_read/);
    assert.doesNotMatch(plan, /Sort/);
  });
});
