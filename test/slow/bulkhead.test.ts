/**
 * One of four channels hangs: the other three keep their rate and latency, and the hanging one harms nobody. The exact
 * figures are those of `npm run bulkhead`; here the ratios have slack for a busy machine.
 */
import assert from "node:assert/strict";
import { busKinds, verifying } from "../support/buses.js";
import { type BulkheadReport, hangOneOfFour } from "../support/bulkhead/experiment.js";
import { freshDatabase } from "../support/postgres.js";

const ordersPerSecond = 6;
const hangMs = 14_000;
const rateRatioMin = 0.85;
const slowestRatioMax = 2.5;
/** Below this the machine's own jitter is all there is to compare. */
const slowestMsMin = 100;
/** Less patience than shipped channels have, so that all of it happens within the phases. */
const manifest = {
  callTimeoutMs: 2_000,
  breaker: { failureRatio: 0.5, minimumCalls: 10, windowMs: 5_000, openForMs: 2_000 },
};

// A minute for one bus: `npm run bulkhead` and the full matrix.
for (const bus of verifying ? busKinds : []) {
  describe(`one of four channels hangs, messages on ${bus.name}`, function () {
    this.timeout(120_000);
    let report: BulkheadReport;
    before(async () => {
      const database = await freshDatabase();
      try {
        report = await hangOneOfFour({
          databaseUrl: database.url,
          settings: bus.settings(),
          ...{ ordersPerSecond, warmUpMs: 3_000, wellMs: 8_000, hangMs, settleMsMax: 40_000, manifest },
        });
      } finally {
        await database.drop();
      }
    });

    it("the others keep their rate and latency", () => {
      for (const { channel, well, hanging } of report.others) {
        const figures = `${channel}: ${JSON.stringify({ well, hanging })}`;
        assert.ok(well.usualPerSecond > ordersPerSecond / 2, figures);
        assert.ok(hanging.usualPerSecond >= rateRatioMin * well.usualPerSecond, figures);
        const usualMs = Math.max(slowestMsMin, well.usualSlowestMs);
        assert.ok(hanging.usualSlowestMs <= slowestRatioMax * usualMs, figures);
      }
    });

    it("its breaker opens: then orders that name it are refused at once, and none is sent there", () => {
      const { openedAfterMs, answers, chargesSent } = report.hung;
      assert.ok(openedAfterMs !== undefined && openedAfterMs < hangMs, `opened after ${openedAfterMs} ms`);
      assert.ok((answers.hanging["422 no_route"] ?? 0) > 0, JSON.stringify(answers));
      assert.equal(answers.hanging["201 paid"] ?? 0, 0, JSON.stringify(answers));
      assert.ok(chargesSent < (hangMs / 1000) * ordersPerSecond, `${chargesSent} charges were sent`);
    });

    it("it is well again by itself: a probe closes the breaker, new orders are paid", () => {
      const { closedAfterMs, paidAfterMs } = report.hung;
      assert.notEqual(closedAfterMs, undefined);
      assert.notEqual(paidAfterMs, undefined);
    });

    it("every order comes to an end, and is charged once if it is paid and never otherwise", () => {
      const { settledAfterMs: _, orders, ...wrong } = report.end;
      assert.deepEqual(wrong, {
        ...{ open: 0, parked: [], chargedForNothing: [], paidForNothing: [], chargedTwice: [] },
      });
      assert.deepEqual(
        Object.keys(orders).filter((state) => !/ (paid|failed)$/.test(state)),
        [],
      );
      assert.ok((orders["delta paid"] ?? 0) > 0);
    });
  });
}
