/** Connections that break, and locks that others hold: what has been committed is said to be, once. */
import assert from "node:assert/strict";
import type pg from "pg";
import { BatchError } from "../../../../engine/ports/store.js";
import { ending } from "../../../contract/store.js";
import { hold, insert, orderRow, traced, type Traced, traces, until } from "../../../contract/world.js";
import { freshDatabase, onServer, type TestDatabase } from "../../../support/postgres.js";
import { openProcess, type PostgresProcess } from "../../../support/postgres-world.js";
import { type Proxy, startProxy } from "../../../support/proxy.js";
import { assertKept, traffic } from "../../../support/traffic.js";

const everything = "row 1, journal 1, message 1";
const nothing = "row 0, journal 0, message 0";

/** Journal-less: what a bridge commits. */
function bare(): Traced {
  const { order, queue, unit } = traced();
  return { order, queue, unit: { writes: unit.writes, publish: unit.publish } };
}

describe("connections that break", () => {
  let database: TestDatabase;
  let proxy: Proxy;
  let process: PostgresProcess;
  before(async () => {
    database = await freshDatabase();
    proxy = await startProxy(database.url);
    process = await openProcess({ url: proxy.url, embedded: false });
  });
  after(async () => {
    await process.close();
    await proxy.close();
    await database.drop();
  });

  const commit = ({ unit }: Traced): Promise<string> => ending(process.store.commit(unit));
  const onOther = <T>(work: (client: pg.Client) => Promise<T>): Promise<T> => onServer(database.url, work);
  const terminate = (pattern: string): Promise<unknown> =>
    onOther((client) =>
      client.query("select pg_terminate_backend(pid) from pg_stat_activity where application_name like $1", [
        pattern,
      ]),
    );
  const waiting = (count: number): Promise<void> =>
    until(`${count} wait for a lock`, () =>
      onOther(async (client) => {
        const { rows } = await client.query(
          `select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'
           and application_name like '%commit'`,
        );
        return rows.length === count;
      }),
    );

  const cases = [
    ["unanswered", "with a journal", "committed", everything],
    ["unanswered", "without one", "commit_unknown", "row 1, journal 0, message 1"],
    ["unsent", "with a journal", "committed", everything],
    ["unsent", "without one", "commit_unknown", nothing],
  ] as const;
  for (const [when, journal, expected, left] of cases) {
    it(`commit ${when}, unit ${journal}: ${expected}, and never twice`, async () => {
      assert.equal(await commit(traced()), "committed");
      const cuts = proxy.cuts;
      const unit = journal === "without one" ? bare() : traced();
      proxy.cutNext("commit", when);
      assert.equal(await commit(unit), expected);
      assert.equal(proxy.cuts, cuts + 1);
      await until(left, async () => (await traces(process, unit)) === left);
      assert.equal(await commit(traced()), "committed");
    });
  }

  it("commit unanswered and still under way when it is repeated: committed, once", async () => {
    const order = orderRow();
    await process.store.commit({ writes: [insert("orders", order)], publish: [] });
    const { held, release } = await hold(process.bus);
    const unit = traced({
      message: { held, consume: true },
      writes: [
        {
          ...{ kind: "transition", table: "orders", key: { orderId: order["orderId"] } },
          ...{ from: ["processing"], to: "paid" },
        },
      ],
    });
    await onOther(async (client) => {
      // Somebody else holds the row: the first statement waits in the server while the client is already gone.
      await client.query("begin");
      await client.query("select 1 from core.orders where order_id = $1 for update", [order["orderId"]]);
      proxy.cutNext("commit", "unanswered");
      const committed = commit(unit);
      await waiting(2);
      await client.query("commit");
      assert.equal(await committed, "committed");
    });
    assert.equal(await traces(process, unit), everything);
    await release();
  });

  it("a deadlock with somebody else: tried again, and committed", async () => {
    const rows = [orderRow(), orderRow()];
    await process.store.commit({ writes: rows.map((row) => insert("orders", row)), publish: [] });
    const [first, second] = rows.map((row) => String(row["orderId"])).sort();
    const pay = (orderId: unknown): Traced =>
      traced({
        writes: [{ kind: "transition", table: "orders", key: { orderId }, from: ["processing"], to: "paid" }],
      });
    const touch = "update core.orders set subject = 'touched' where order_id = $1";
    await onOther(async (client) => {
      // It is patient, so that the server chooses ours.
      await client.query("set deadlock_timeout = '20s'");
      await client.query("begin");
      await client.query(touch, [second]);
      const committed = Promise.all([first, second].map((orderId) => commit(pay(orderId))));
      await waiting(1);
      await client.query(touch, [first]);
      await client.query("commit");
      assert.deepEqual(await committed, ["committed", "committed"]);
    });
    for (const orderId of [first, second]) {
      const row = await process.store.find("orders", { orderId });
      assert.deepEqual([row?.["status"], row?.["subject"]], ["paid", "touched"]);
    }
  });

  it("a statement that an administrator cancels is nobody's fault", async () => {
    const order = orderRow();
    await process.store.commit({ writes: [insert("orders", order)], publish: [] });
    await onOther(async (client) => {
      await client.query("begin");
      await client.query("select 1 from core.orders where order_id = $1 for update", [order["orderId"]]);
      const committed = commit(
        traced({
          writes: [
            {
              ...{ kind: "transition", table: "orders", key: { orderId: order["orderId"] } },
              ...{ from: ["processing"], to: "paid" },
            },
          ],
        }),
      );
      await waiting(1);
      await onOther((other) =>
        other.query(
          "select pg_cancel_backend(pid) from pg_stat_activity where application_name like '%commit' and wait_event_type = 'Lock'",
        ),
      );
      await client.query("commit");
      assert.equal(await committed, "committed");
    });
  });

  it("connections killed in the middle of traffic: each unit is there once, or its error says that it may not be", async () => {
    let stop = false;
    const killer = (async () => {
      for (let n = 0; n < 8; n++) {
        await new Promise((resolve) => setTimeout(resolve, 40));
        await terminate("%commit");
      }
      stop = true;
    })();
    const units = await traffic(process, () => stop);
    await killer;
    await assertKept(process, units);
    assert.ok(units.filter((unit) => unit.ending === "committed").length > 50, "hardly any traffic");
  });

  it("a connection killed in a transaction of the pool is an error there, and the next one works", async () => {
    const { pool } = process.database;
    for (const awaited of [true, false]) {
      await assert.rejects(
        pool.transaction(async (sql) => {
          await sql.query("select 1");
          const killed = terminate("test %");
          if (!awaited) await sql.query("select pg_sleep(5)");
          await killed;
          await new Promise((resolve) => setTimeout(resolve, 50));
          await sql.query("select 1");
        }),
        BatchError,
      );
      assert.deepEqual(await pool.query("select 1 as one"), [{ one: 1 }]);
    }
    assert.equal(await commit(traced()), "committed");
  });

  it("a connection that broke is replaced by one, however often it broke", async () => {
    for (let n = 0; n < 5; n++) {
      await terminate("%commit");
      assert.equal(await commit(traced()), "committed");
    }
    const count = await onOther(async (client) => {
      const { rows } = await client.query(
        "select 1 from pg_stat_activity where datname = current_database() and application_name like '%commit'",
      );
      return rows.length;
    });
    assert.equal(count, 1);
  });

  it("broadcasts are heard again after the listening connection was killed", async () => {
    const other = await openProcess(database);
    const heard: unknown[] = [];
    process.bus.onBroadcast("t", (payload) => heard.push(payload));
    await terminate("%listen");
    await until("it hears again", () => {
      other.bus.broadcast("t", 1);
      return heard.length > 0;
    });
    await other.close();
  });
});
