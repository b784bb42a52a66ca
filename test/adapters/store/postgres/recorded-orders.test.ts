import assert from "node:assert/strict";
import { recordedOrders } from "../../../../adapters/store/postgres/recorded-orders.js";
import { deriveTimedId, runDayOf } from "../../../../engine/ids.js";
import type { Row } from "../../../../engine/ports/store.js";
import { id, insert, journalEntry, orderRow, runRow } from "../../../contract/world.js";
import { forEachDatabaseInVerify, type TestDatabase } from "../../../support/postgres.js";
import { openProcess, type PostgresProcess } from "../../../support/postgres-world.js";

interface Placed {
  readonly order?: Row;
  /** Channels of its attempts, the first one first; none: nothing was opened. */
  readonly attempts?: readonly string[];
  /** What the integrator named. */
  readonly wanted?: string;
}

forEachDatabaseInVerify((name, open) => {
  describe(`orders that rules are tried on, from ${name}`, function () {
    this.timeout(60_000);
    let database: TestDatabase;
    let process: PostgresProcess;

    before(async () => {
      database = await open();
      process = await openProcess(database);
    });
    after(async () => {
      await process?.close();
      await database?.drop();
    });

    async function place({ order: fields = {}, attempts = [], wanted }: Placed): Promise<string> {
      const runId = id();
      const order = orderRow({ runId, ...fields });
      const orderId = String(order["orderId"]);
      const payments = attempts.map((channel, index) => ({
        ...{ paymentId: id(), orderId, runId, attempt: index + 1, channel, routeRule: `to ${channel}` },
        ...{
          status: "approved",
          amount: 100,
          currency: "EUR",
          surplus: false,
          refundReserved: 0,
          refunded: 0,
        },
        ...{ createdAt: 0, updatedAt: 0 },
      }));
      // A later run about the same order is not another order.
      const later = runRow({ runId: deriveTimedId(runId, "notify"), orderId, flow: "notify" });
      const chosen = wanted === undefined ? {} : { channelWanted: wanted };
      const entry = journalEntry({
        ...{
          runId,
          runDay: runDayOf(runId),
          kind: "end",
          data: { fields: { channel: attempts[0], ...chosen } },
        },
      });
      const writes = [
        insert("orders", order),
        insert("runs", runRow({ runId, orderId, state: "ended", body: null })),
        insert("runs", later),
        ...payments.map((payment) => insert("payments", payment)),
      ];
      await process.store.commit({ journal: [entry], writes, publish: [] });
      return orderId;
    }

    it("the last ones first, each once, with what routing saw and what it chose", async () => {
      await place({ attempts: ["alpha"] });
      const plain = await place({ attempts: ["beta", "alpha"], order: { merchantOrderId: "A-2" } });
      const named = await place({
        ...{ attempts: ["alpha"], wanted: "alpha" },
        order: { method: "card", business: "shop", type: "topup", amount: 4_000 },
      });
      const unopened = await place({});
      const found = await recordedOrders(process.database.pool, 3);
      assert.deepEqual(
        found.map(({ orderId }) => orderId),
        [unopened, named, plain],
      );
      const common = {
        merchantId: "m1",
        type: "pay",
        amount: 100,
        currency: "EUR",
        method: "",
        business: "",
      };
      assert.deepEqual(
        found.map(({ fields }) => fields),
        [common, { ...common, method: "card", business: "shop", type: "topup", amount: 4_000 }, common],
      );
      assert.deepEqual(
        found.map(({ recorded, wanted }) => [recorded?.channel, recorded?.rule, wanted]),
        [
          [undefined, undefined, undefined],
          ["alpha", "to alpha", "alpha"],
          ["beta", "to beta", undefined],
        ],
      );
      assert.equal(found[2]?.merchantOrderId, "A-2");
      assert.equal(found[2]?.createdAtMs, 1_700_000_000_000);
    });
  });
});
