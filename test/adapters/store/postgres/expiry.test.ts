/** Orders whose time is over start the run that closes them: each once, and only those. */
import assert from "node:assert/strict";
import { expiredOrders } from "../../../../adapters/store/postgres/expiry.js";
import { runDayOf, timestampOf } from "../../../../engine/ids.js";
import { insert, orderRow, runRow } from "../../../contract/world.js";
import { forEachDatabase } from "../../../support/postgres.js";
import { openProcess } from "../../../support/postgres-world.js";

forEachDatabase((name, open) => {
  describe(`expired orders: ${name}`, function () {
    this.timeout(60_000);
    it("the longest overdue first, without those that are decided, not due, or being closed", async () => {
      const home = await open();
      const process = await openProcess(home);
      try {
        const { store, database } = process;
        const nowMs = Date.now();
        const order = (status: string, inMs: number | undefined) =>
          orderRow({ status, expiresAt: inMs === undefined ? null : nowMs + inMs });
        const overdue = [order("requires_action", -60_000), order("processing", -120_000)];
        const closing = order("processing", -60_000);
        const closed = order("processing", -30_000);
        const others = [
          ...[order("paid", -1_000), order("closed", -1_000), order("failed", -1_000)],
          ...[order("processing", 60_000), order("processing", undefined)],
        ];
        const runs = [
          runRow({ orderId: closing["orderId"], type: "expire", state: "parked" }),
          runRow({ orderId: closed["orderId"], type: "expire", state: "ended" }),
          runRow({ orderId: overdue[0]?.["orderId"], type: "pay", state: "waiting" }),
        ];
        const writes = [
          ...[...overdue, closing, closed, ...others].map((row) => insert("orders", row)),
          ...runs.map((row) => insert("runs", row)),
        ];
        await store.commit({ writes, publish: [] });
        const due = await expiredOrders(database.pool, 10);
        assert.deepEqual(
          due.map(({ fields }) => fields["orderId"]),
          [overdue[1], overdue[0], closed].map((row) => row?.["orderId"]),
        );
        assert.deepEqual(due[0]?.fields["merchantId"], "m1");
        assert.deepEqual(await expiredOrders(database.pool, 10), due, "the same work has the same run");
        assert.deepEqual(await expiredOrders(database.pool, 1), due.slice(0, 1));
        assert.equal(timestampOf(due[0]?.runId ?? ""), nowMs - 120_000);
        assert.equal(runDayOf(due[0]?.runId ?? ""), new Date(nowMs - 120_000).toISOString().slice(0, 10));
      } finally {
        await process.close();
        await home.drop();
      }
    });
  });
});
