/**
 * Fixed seeds in every run of the tests, many more when verifying; `npm run soak` goes on with fresh ones. A seed that
 * fails is printed with the history of what it broke, and comes again by `npm run simulate`.
 */
import assert from "node:assert/strict";
import { verifying } from "../support/buses.js";
import { busKinds } from "./climate.js";
import { Counts } from "./counts.js";
import { failureReport } from "./report.js";
import { Simulation } from "./simulation.js";

const seedsPerBus = verifying ? 250 : 6;
const orders = verifying ? 200 : 60;

describe("simulation", () => {
  for (const bus of busKinds)
    it(`${seedsPerBus} seeds of ${orders} orders on ${bus}: nothing lost, nothing charged twice, nothing left over`, async function () {
      this.timeout(verifying ? 1_800_000 : 120_000);
      const total = new Counts();
      for (let seed = 1; seed <= seedsPerBus; seed++) {
        const options = { climate: { bus, orders } };
        const outcome = await Simulation.run(seed, options);
        total.merge(outcome.counts);
        if (outcome.complaints.length > 0) assert.fail((await failureReport(outcome, options)).join("\n"));
      }
      assert.equal(total.of("orders"), seedsPerBus * orders);
      // A quiet sky proves nothing.
      for (const trouble of ["killed at random", "stall", "database outage", "channel late-charge"])
        assert.ok(total.of(trouble) > 0, `no seed had any ${trouble}`);
    });

  it("the same seed has the same history, to the last line", async () => {
    const histories = await Promise.all([7, 7, 8].map(historyOf));
    assert.equal(histories[0], histories[1]);
    assert.notEqual(histories[0], histories[2]);
  });

  async function historyOf(seed: number): Promise<string> {
    const lines: string[] = [];
    const trace = (atMs: number, line: string): void => void lines.push(`${atMs} ${line}`);
    await Simulation.run(seed, { climate: { orders: 20 }, trace });
    return lines.join("\n");
  }
});
