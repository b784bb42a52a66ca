import assert from "node:assert/strict";
import type pg from "pg";
import { isFilled, multiply } from "../../../../bench/measure/growth/fill.js";
import { deriveId, isId, runDayOf, timestampOf } from "../../../../engine/ids.js";
import { systemRandom } from "../../../../adapters/system/clock.js";
import { emptyDatabase, freshDatabase, onServer } from "../../../support/postgres.js";

const dayMs = 86_400_000;

/** An order that is settled, as far as the copies are concerned: one row here, one there. */
async function settle(client: pg.Client, merchantOrderId: string): Promise<void> {
  const runId = systemRandom.id();
  const orderId = deriveId("order", "shop", merchantOrderId);
  const order = [orderId, merchantOrderId, runId];
  await client.query(
    `insert into core.orders (order_id, merchant_id, merchant_order_id, type, status, amount, currency, run_id,
       created_at, updated_at) values ($1, 'shop', $2, 'pay', 'paid', 100, 'CNY', $3, now(), now())`,
    order,
  );
  await client.query(
    `insert into core.runs (run_id, flow, type, plan_hash, order_id, state, stage, hop, reason, created_at, updated_at)
     values ($1, 'pay', 'pay', 'x', $2, 'ended', 'settle', 1, 'paid', now(), now())`,
    [runId, orderId],
  );
  for (const hop of [0, 1])
    await client.query(
      `insert into core.journal (run_day, run_id, hop, point, step, kind, stage, outcome, data, owner)
       values ($1, $2, $3, 0, 1, 'end', 'x', 'ok', '{}', $4)`,
      [runDayOf(runId), runId, hop, systemRandom.id()],
    );
}

interface Copied {
  readonly orderId: string;
  readonly merchantOrderId: string;
  readonly runId: string;
  readonly createdAt: Date;
  readonly runs: number;
  readonly points: number;
}

describe("filling a database with settled orders", () => {
  it("copies are orders of their own: ids and times differ, what belongs together stays together", async () => {
    const database = await freshDatabase();
    try {
      const rows = await onServer(database.url, async (client) => {
        const today = new Date().toISOString().slice(0, 10);
        await client.query(
          `create table core.journal_today partition of core.journal for values from ('${today}') to (('${today}'::date + 2))`,
        );
        await settle(client, "a");
        await settle(client, "b");
        await multiply(database.url, 60, () => undefined);
        assert.equal(await isFilled(database.url), true);
        const found = await client.query<Copied>(
          `select order_id as "orderId", merchant_order_id as "merchantOrderId", run_id as "runId",
             created_at as "createdAt",
             (select count(*)::int from core.runs r where r.run_id = o.run_id and r.order_id = o.order_id) as runs,
             (select count(*)::int from core.journal j where j.run_id = o.run_id and j.run_day = (o.created_at at time zone 'utc')::date) as points
           from core.orders o order by created_at`,
        );
        return found.rows;
      });
      assert.equal(rows.length, 60);
      for (const row of rows) {
        assert.deepEqual([row.runs, row.points], [1, 2], JSON.stringify(row));
        assert.ok(isId(row.orderId) && isId(row.runId), JSON.stringify(row));
        assert.ok(Math.abs(timestampOf(row.runId) - row.createdAt.getTime()) < 5_000, JSON.stringify(row));
      }
      for (const unique of ["orderId", "merchantOrderId", "runId"] as const)
        assert.equal(new Set(rows.map((row) => row[unique])).size, 60, unique);
      const agoDays = rows.map(({ createdAt }) => (Date.now() - createdAt.getTime()) / dayMs);
      assert.ok((agoDays[0] ?? 0) > 29 && (agoDays[0] ?? 0) < 31, "the oldest is a month old");
      assert.equal(new Set(agoDays.map(Math.floor)).size >= 29, true, "spread over the days");
    } finally {
      await database.drop();
    }
  });

  it("a database that nobody has filled is not taken for one", async () => {
    const database = await emptyDatabase();
    try {
      assert.equal(await isFilled(database.url), false);
    } finally {
      await database.drop();
    }
  });
});
