import assert from "node:assert/strict";
import type pg from "pg";
import { connect, type Database } from "../../../../adapters/store/postgres/database.js";
import {
  amongText,
  numberText,
  parkedText,
  PostgresOrderSearch,
  searchSetup,
  sliceText,
  stuckText,
} from "../../../../adapters/store/postgres/order-search.js";
import { ensureMerchant } from "../../../../adapters/store/postgres/setup.js";
import { deriveId } from "../../../../engine/ids.js";
import type { OrderQuery } from "../../../../engine/ports/index.js";
import { manyOrders, writeOrder, type WrittenOrder } from "../../../support/order-rows.js";
import {
  forEachDatabaseInVerify,
  freshDatabase,
  onServer,
  type TestDatabase,
} from "../../../support/postgres.js";

const minuteMs = 60_000;
const noonMs = Date.parse("2026-11-22T12:00:00Z");

/** Newest last. */
const written = [
  { merchantOrderId: "A-1", amount: 100, channelOrderId: "X-1" },
  { merchantOrderId: "A-2", amount: 200, status: "failed", channel: "beta" },
  { merchantOrderId: "A-3", amount: 300, type: "topup" },
  { merchantOrderId: "A-4", amount: 400, status: "processing", channelOrderId: "X-4" },
  { merchantOrderId: "B-1", amount: 500, merchantId: "other" },
].map((row, index) => ({ ...row, acceptedAtMs: noonMs + index * minuteMs }));

forEachDatabaseInVerify((name, open) => {
  describe(`searching orders, ${name}`, function () {
    this.timeout(60_000);
    let test: TestDatabase;
    let database: Database;
    let orders: readonly WrittenOrder[];
    const refundId = deriveId("refund", "demo", "R-1");

    const search = (query: Partial<OrderQuery>, sliceOrders = 5_000) =>
      new PostgresOrderSearch({ sql: database.dedicated("search", searchSetup), nowMs: () => 0, sliceOrders })
        .search({ limit: 50, ...query })
        .then(({ orders: found, ...page }) => ({
          names: found.map(({ merchantOrderId }) => merchantOrderId).join(" "),
          found,
          ...page,
        }));

    /** Its time is over after two statements, each of which looks at one order. */
    const inHurry = (): PostgresOrderSearch => {
      let ms = 0;
      return new PostgresOrderSearch({
        sql: database.dedicated("search", searchSetup),
        nowMs: () => (ms += 1_000),
        sliceOrders: 1,
      });
    };

    before(async () => {
      test = await open();
      database = connect({ ...test, applicationName: "test", connectionsMax: 2 });
      for (const merchantId of ["demo", "other"])
        await ensureMerchant(database.pool, {
          ...{ merchantId, name: merchantId, businesses: [], keyId: `${merchantId}-key` },
          ...{ webhookSecret: "whsec_dGVzdA==", hmacSecret: "secret" },
        });
      orders = await onServer(test.url, async (client) => {
        const all: WrittenOrder[] = [];
        for (const row of written) all.push(await writeOrder(client, row));
        await changeForSearches(client, all, refundId);
        return all;
      });
    });
    after(async () => {
      await database.close();
      await test.drop();
    });

    const searches: readonly (readonly [string, Partial<OrderQuery>, string])[] = [
      // what                        query                                        finds
      ["everything", {}, "B-1 A-4 A-3 A-2 A-1"],
      ["a merchant", { merchantId: "other" }, "B-1"],
      ["a type", { type: "topup" }, "A-3"],
      ["a state", { statuses: ["failed"] }, "A-2"],
      ["several states", { statuses: ["failed", "processing"] }, "A-4 A-2"],
      ["a channel", { channel: "beta" }, "A-2"],
      ["amounts", { amountMinorMin: 200, amountMinorMax: 400 }, "A-4 A-3 A-2"],
      ["from a moment on", { fromMs: noonMs + 3 * minuteMs }, "B-1 A-4"],
      ["before a moment", { toMs: noonMs + minuteMs }, "A-1"],
      ["between moments", { fromMs: noonMs + minuteMs, toMs: noonMs + 3 * minuteMs }, "A-3 A-2"],
      ["several together", { merchantId: "demo", statuses: ["paid"], amountMinorMin: 200 }, "A-3"],
      ["what nobody has", { merchantId: "nobody" }, ""],
      ["what waits for a person", { attention: "parked" }, "A-4"],
      ["what does not move: run and timer", { attention: "stuck" }, "A-3 A-2"],
      ["what does not move, of a state", { attention: "stuck", statuses: ["failed"] }, "A-2"],
      ["the merchant's number", { number: "A-2" }, "A-2"],
      ["the channel's number", { number: "X-4" }, "A-4"],
      ["the merchant's number of a refund", { number: "R-1" }, "A-1"],
      ["a number nobody has", { number: "A-9" }, ""],
      ["a number, and what does not fit", { number: "A-2", statuses: ["paid"] }, ""],
    ];
    for (const [what, query, names] of searches) {
      it(`${what}: ${names || "nothing"}`, async () => assert.equal((await search(query)).names, names));
    }

    it("any number of ours finds the order: its own, a payment's, a run's, a refund's", async () => {
      const [first] = orders;
      for (const number of [first?.orderId, first?.paymentId, first?.runId, refundId])
        assert.equal((await search({ number: String(number) })).names, "A-1", number);
    });

    it("an order is told as it is, and when it was accepted", async () => {
      const { found } = await search({ number: "A-4" });
      const { updatedAtMs, ...told } = found[0] ?? assert.fail("it is found");
      assert.equal(updatedAtMs, noonMs + 3 * minuteMs);
      assert.deepEqual(told, {
        ...{ orderId: orders[3]?.orderId, merchantId: "demo", merchantOrderId: "A-4", channelOrderId: "X-4" },
        ...{ type: "pay", status: "processing", amountMinor: 400, currency: "CNY", refundedMinor: 0 },
        ...{ channel: "alpha", acceptedAtMs: noonMs + 3 * minuteMs, parked: true },
      });
    });

    for (const slice of [1, 2, 5_000]) {
      it(`pages of two, ${slice} orders looked at in a statement: each order once, then no more`, async () => {
        const pages: string[] = [];
        let after: string | undefined;
        do {
          const page = await search({ limit: 2, ...(after === undefined ? {} : { after }) }, slice);
          pages.push(page.names);
          after = page.next;
        } while (after !== undefined);
        assert.deepEqual(pages, ["B-1 A-4", "A-3 A-2", "A-1"]);
      });
    }

    it("a search of an earlier time begins there, however much came later", async () => {
      const hurried = inHurry();
      const { orders: found } = await hurried.search({ limit: 50, toMs: noonMs + minuteMs });
      assert.deepEqual(
        found.map(({ merchantOrderId }) => merchantOrderId),
        ["A-1"],
      );
    });

    it("a search that looks at much stops in time, says how far back, and goes on from there", async () => {
      const hurried = inHurry();
      const first = await hurried.search({ limit: 50, channel: "beta" });
      assert.deepEqual([first.orders, first.searchedBackToMs], [[], noonMs + 3 * minuteMs]);
      let page = first;
      for (let asked = 0; page.orders.length === 0 && page.next !== undefined && asked < 9; asked++)
        page = await hurried.search({ limit: 50, channel: "beta", after: page.next });
      assert.deepEqual(
        page.orders.map(({ merchantOrderId }) => merchantOrderId),
        ["A-2"],
      );
    });
  });
});

/** A-4 waits for a person; A-3 has not moved, A-2's timer is overdue, A-1's not yet; and A-1 has a refund. */
async function changeForSearches(
  client: pg.Client,
  [first, second, third, fourth]: readonly WrittenOrder[],
  refundId: string,
): Promise<void> {
  const setState = (order: WrittenOrder | undefined, state: string): Promise<unknown> =>
    client.query("update core.runs set state = $2 where run_id = $1", [order?.runId, state]);
  await setState(fourth, "parked");
  await setState(third, "open");
  for (const [order, dueIn] of [
    [second, "-2 minutes"],
    [first, "2 minutes"],
  ] as const) {
    await setState(order, "waiting");
    await client.query(
      `insert into core.timers (run_id, hop, signal, due_at) values ($1, 3, 'timeout', now() + $2::interval)`,
      [order?.runId, dueIn],
    );
  }
  await client.query(
    `insert into core.refunds (refund_id, order_id, payment_id, merchant_id, merchant_order_id, merchant_refund_id,
       run_id, channel, amount, currency, status, created_at, updated_at)
     values ($1, $2, $3, 'demo', 'A-1', 'R-1', $4, 'alpha', 10, 'CNY', 'approved', now(), now())`,
    [refundId, first?.orderId, first?.paymentId, first?.runId],
  );
}

/** A node of `explain (format json)`. */
interface PlanNode {
  readonly "Node Type": string;
  readonly "Relation Name"?: string;
  readonly "Index Cond"?: string;
  readonly "Index Name"?: string;
  readonly Plans?: readonly PlanNode[];
}

const tablesOfPayments = ["orders", "payments", "runs", "refunds", "timers", "journal"];

/** Reads of these tables that do not go by a condition on an index; of the unfinished runs their index is all there is. */
function wasteful(node: PlanNode): readonly string[] {
  const {
    "Node Type": type,
    "Relation Name": relation = "",
    "Index Cond": condition,
    "Index Name": index,
  } = node;
  const reads = tablesOfPayments.some((table) => relation === table || relation.startsWith(`${table}_`));
  const bad = reads && /Scan$/.test(type) && type !== "Bitmap Heap Scan" && condition === undefined;
  const few = index === "runs_unfinished";
  return [...(bad && !few ? [`${type} ${relation}`] : []), ...(node.Plans ?? []).flatMap(wasteful)];
}

describe("plans of the searches, on 20,000 orders", () => {
  const lastId = "ffffffff-ffff-ffff-ffff-ffffffffffff";
  const zeroId = "00000000-0000-0000-0000-000000000000";
  const filters =
    " and o.merchant_id = $5 and o.status = any($6::text[]) and o.amount >= $7 and p.payment_id >= $8::uuid";
  const rare = ["m7", ["failed"], 1, zeroId];
  const kinds: readonly (readonly [string, string, readonly unknown[]])[] = [
    ["newest", sliceText(""), [lastId, zeroId, 5_000, 51]],
    ["few of many", sliceText(filters), [lastId, zeroId, 5_000, 51, ...rare]],
    ["a number", numberText, [[zeroId], [zeroId], [zeroId], "C-m-7"]],
    ["orders that were named", amongText(""), [[zeroId, lastId], lastId, 51]],
    ["parked", parkedText, []],
    ["stuck", stuckText, [60]],
  ];
  let database: TestDatabase;
  before(async () => {
    database = await freshDatabase();
    await onServer(database.url, (client) => client.query(manyOrders(20_000)));
  });
  after(() => database.drop());

  const planOf = (text: string, values: readonly unknown[]): Promise<PlanNode> =>
    onServer(database.url, async (client) => {
      for (const setting of searchSetup) await client.query(setting);
      const { rows } = await client.query<{ "QUERY PLAN": readonly { readonly Plan: PlanNode }[] }>(
        `explain (format json) ${text}`,
        [...values],
      );
      return rows[0]!["QUERY PLAN"][0]!.Plan;
    });

  for (const state of ["nobody has counted", "that were analyzed"]) {
    describe(`rows ${state}`, () => {
      before(() =>
        state === "nobody has counted"
          ? undefined
          : onServer(database.url, (client) => client.query("vacuum analyze")),
      );
      for (const [kind, text, values] of kinds) {
        it(`${kind}: by index`, async () => assert.deepEqual(wasteful(await planOf(text, values)), []));
      }
    });
  }

  it("the check sees a search that reads everything", async () => {
    const text = "select * from core.orders o where o.amount = $1";
    assert.notDeepEqual(wasteful(await planOf(text, [7])), []);
  });

  it("a connection that searches gives up in time and changes nothing", () =>
    onServer(database.url, async (client) => {
      for (const setting of searchSetup) await client.query(setting);
      await assert.rejects(client.query("delete from core.orders"), /read-only/);
      await client.query("set statement_timeout = 50");
      await assert.rejects(client.query("select pg_sleep(5)"), /statement timeout/);
    }));
});
