/** The simulation is worth what it finds: each planted bug shows within a few seeds, which are silent without it. */
import assert from "node:assert/strict";
import { plantedBugs } from "./plants.js";
import { Simulation } from "./simulation.js";

const seedsMax = 12;
const orders = 40;

describe("a planted bug is found:", () => {
  for (const [name, { seed: first = 1, plant, climate, found }] of Object.entries(plantedBugs))
    it(name, async function () {
      this.timeout(60_000);
      const fixed = { orders, ...climate };
      for (let seed = first; seed < first + seedsMax; seed++) {
        const { complaints } = await Simulation.run(seed, { climate: fixed, plant });
        if (!complaints.some(({ what }) => found.includes(what))) continue;
        const without = await Simulation.run(seed, { climate: fixed });
        assert.deepEqual(without.complaints, [], `seed ${seed} complains without the bug, too`);
        return;
      }
      assert.fail(`${seedsMax} seeds without a word of ${found.join(" or ")}`);
    });
});
