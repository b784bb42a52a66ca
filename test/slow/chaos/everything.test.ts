/**
 * kill -9 of anything at any time - modules, institution, merchant, database, broker - under an institution that
 * misbehaves, with refunds and closes in the traffic: every accepted order reaches its end, and our rows, the
 * institution's ledger, the merchant's notifications and accounting agree. `npm run soak -- --chaos` goes on for longer.
 */
import { busKinds, verifying } from "../../support/buses.js";
import { chaos } from "../../support/chaos/run.js";

const [orders, serverKills, otherKills] = verifying ? [2_000, 4, 40] : [40, 1, 2];

const counts = (of: Readonly<Record<string, number>>): string =>
  Object.entries(of)
    .map(([what, count]) => `${count} ${what}`)
    .join(", ");

describe("anything dies at any time: nothing lost, nothing charged twice", () => {
  for (const { name } of busKinds)
    it(`${name}: ${orders} orders`, async function () {
      this.timeout(900_000);
      const { states, kills, faults, elapsedMs } = await chaos({
        bus: name,
        seed: 1,
        orders,
        serverKills,
        otherKills,
      });
      console.log(`      ${counts(states)}`);
      console.log(`      killed: ${counts(kills)}`);
      console.log(`      misbehaved: ${counts(faults)}; ${(elapsedMs / 1000).toFixed(0)} s`);
    });
});
