import assert from "node:assert/strict";
import { discard, discardUntil } from "../../../../adapters/store/postgres/dead-letters.js";
import { letterDetail, letterPage } from "../../../../adapters/store/postgres/dead-letters-view.js";
import { buryIn, insert, orderRow, runRow, unique } from "../../../contract/world.js";
import { forEachDatabase, type TestDatabase } from "../../../support/postgres.js";
import { openProcess, type PostgresProcess } from "../../../support/postgres-world.js";

/** An id nothing has. */
const stranger = "01a2036a-c42d-73dc-83d1-06bfab42a01f";

forEachDatabase((name, open) => {
  describe(`dead letters as operators read them, on ${name}`, function () {
    this.timeout(60_000);
    let database: TestDatabase;
    let process: PostgresProcess;
    const sql = () => process.database.pool;

    before(async () => {
      database = await open();
      process = await openProcess(database);
    });
    after(async () => {
      await process?.close();
      await database?.drop();
    });

    /** Every page of the queue, as lists of ids. */
    async function pages(queue: string | undefined, limit: number): Promise<readonly (readonly string[])[]> {
      const found: (readonly string[])[] = [];
      let after: string | undefined;
      do {
        const query = {
          limit,
          ...(queue === undefined ? {} : { queue }),
          ...(after === undefined ? {} : { after }),
        };
        const page = await letterPage(sql(), query);
        found.push(page.rows.map(({ messageId }) => messageId));
        after = page.next;
      } while (after !== undefined);
      return found;
    }

    it("pages are full, oldest first, and together they are everything once", async () => {
      const queue = unique("pages");
      const ids = await buryIn(process, queue, 5);
      assert.deepEqual(await pages(queue, 2), [ids.slice(0, 2), ids.slice(2, 4), ids.slice(4)]);
      assert.deepEqual(await pages(queue, 5), [ids]);
      assert.deepEqual((await letterPage(sql(), { queue: unique("none"), limit: 5 })).rows, []);
      assert.ok((await pages(undefined, 2)).flat().length >= 5, "of every queue");
    });

    it("letters of one millisecond are neither lost nor repeated between pages", async () => {
      const queue = unique("tie");
      const ids = await buryIn(process, queue, 7, { diedAt: 1_700_000_000_123 });
      const read = (await pages(queue, 3)).flat();
      assert.deepEqual([read.length, [...read].sort()], [7, [...ids].sort()]);
    });

    it("a letter that goes while somebody turns pages hides no other one", async () => {
      const queue = unique("turning");
      const ids = await buryIn(process, queue, 4);
      const { next } = await letterPage(sql(), { queue, limit: 2 });
      await discard(sql(), ids.slice(0, 1), queue);
      const page = await letterPage(sql(), { queue, limit: 2, after: next! });
      assert.deepEqual(
        page.rows.map(({ messageId }) => messageId),
        ids.slice(2),
      );
    });

    for (const after of ["", "1", "x.y", `1.${stranger}x`, `99999999999999999.${stranger}`])
      it(`a cursor that no page ever said, ${JSON.stringify(after)}, is refused`, async () => {
        await assert.rejects(letterPage(sql(), { limit: 1, after }), { code: "field_invalid" });
      });

    it("one letter comes with the run and the order it belongs to", async () => {
      const queue = unique("story");
      const order = orderRow({ merchantOrderId: "A-1" });
      const run = runRow({ orderId: order["orderId"], state: "parked", reason: "dead-letter: broken" });
      await process.store.commit({ writes: [insert("orders", order), insert("runs", run)], publish: [] });
      const body = { runId: run["runId"], flow: "pay", stage: "charge", fields: { subject: "tea" } };
      const [messageId] = await buryIn(process, queue, 1, { body });
      const found = await letterDetail(sql(), queue, messageId!);
      assert.deepEqual(
        [found?.letter.runId, found?.letter.flow, found?.letter.stage, found?.letter.deliveries],
        [run["runId"], "pay", "charge", 8],
      );
      assert.deepEqual(found?.letter.body, body);
      assert.deepEqual([found?.run?.state, found?.run?.reason], ["parked", "dead-letter: broken"]);
      assert.deepEqual([found?.order?.merchantOrderId, found?.order?.amount], ["A-1", 100]);
      assert.equal(await letterDetail(sql(), unique("other"), messageId!), undefined);
    });

    for (const runId of ["no uuid", stranger, 7])
      it(`a message that names the run ${String(runId)} nobody knows is shown all the same`, async () => {
        const queue = unique("stray");
        const [messageId] = await buryIn(process, queue, 1, { body: { runId } });
        const found = await letterDetail(sql(), queue, messageId!);
        assert.deepEqual(
          [found?.letter.runId, found?.run, found?.order],
          [String(runId), undefined, undefined],
        );
      });

    it("a discard takes what is named, of that queue alone", async () => {
      const [here, elsewhere] = [unique("here"), unique("elsewhere")];
      const ids = await buryIn(process, here, 3);
      const others = await buryIn(process, elsewhere, 1);
      assert.equal(await discard(sql(), [ids[0]!, others[0]!], here), 1);
      assert.deepEqual([await pages(here, 9), await pages(elsewhere, 9)], [[ids.slice(1)], [others]]);
    });

    it("a discard of everything spares what died after the operator looked", async () => {
      const queue = unique("all");
      const ids = await buryIn(process, queue, 4);
      const { rows } = await letterPage(sql(), { queue, limit: 2 });
      assert.equal(await discardUntil(sql(), queue, rows.at(-1)!.diedAtMs), 2);
      assert.deepEqual(await pages(queue, 9), [ids.slice(2)]);
    });
  });
});
