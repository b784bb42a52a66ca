/**
 * A payment has not become much dearer than what `npm run bench` last recorded.
 *
 * Wall time says nothing on a machine that others use, too: it is divided among them. Processor time is what the work
 * takes wherever it runs, and the floor, pgbench on the same server seconds before, takes the same machine's mood out:
 * caches that others fill and a clock that goes slower make both dearer. What is left is how many transactions of the
 * floor one payment costs. The bar is twice what bench/results/latest.json has: warmed up for seconds instead of minutes
 * and among other tests a payment costs up to one and a half times as much, while the mistakes this is for (a commit,
 * a query or a copy more for every step) double it. Better results tighten the bar by themselves.
 *
 * Units of work and group commits are counts, which no machine is too slow for: they need no slack.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { measure } from "../../../bench/contestants/index.js";
import type { LoadSettings, Measurement } from "../../../bench/measurement.js";
import { processorBar, processorRatio } from "../../../bench/report/guard.js";
import type { Results } from "../../../bench/report/results.js";
import { root } from "../../support/checkout.js";

/** Three of the flow (test/flows/costs.test.ts), and the one with which the bridge accepts. */
const unitsPerPayment = 4;
/** What is under way at both ends of the measurement, and what the scheduler does meanwhile. */
const unitsSlack = 0.2;

const load: LoadSettings = { inFlight: 64, seconds: 5, warmUpSeconds: 9, halfLoadSeconds: 0, nodeArgs: [] };
const floorLoad: LoadSettings = { ...load, seconds: 3, warmUpSeconds: 1 };

describe("what a payment costs on the PostgreSQL bus", function () {
  this.timeout(120_000);
  const bar = processorBar(
    JSON.parse(readFileSync(path.join(root, "bench/results/latest.json"), "utf8")) as Results,
  );
  let valence: Measurement;
  let ratio: number;

  async function take(): Promise<void> {
    const floor = await measure("floor", floorLoad);
    valence = await measure("valence-postgres", load);
    ratio = processorRatio(valence.processorMs, floor.processorMs);
  }

  before(async () => {
    await take();
    // A second opinion, in case the machine changed its mood between the two.
    const first = ratio;
    if (first > bar) await take();
    ratio = Math.min(ratio, first);
  });

  it("processor time, in transactions of the floor: at most twice what was recorded", function () {
    // No /proc, or the server runs elsewhere: nothing was seen.
    if (valence.processorMs["postgres"] === undefined) this.skip();
    assert.ok(ratio <= bar, `${ratio.toFixed(1)} instead of ${bar.toFixed(1)}: ${JSON.stringify(valence)}`);
  });

  it("four units of work, and fewer group commits than payments wait for one", () => {
    const { commits, units } = valence.engine ?? assert.fail("nothing was counted");
    assert.ok(units <= unitsPerPayment + unitsSlack, `${units} units of work per payment`);
    // With 64 orders in flight two units find each other at least, or there is no group commit.
    assert.ok(commits <= units / 2, `${commits} group commits for ${units} units of work`);
  });

  it("every order is answered, charged once, notified once", () => assert.deepEqual(valence.failures, []));
});
