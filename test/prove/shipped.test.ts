/**
 * Every flow that ships, killed at every crash point of every scenario its plan has. The cases are derived from the
 * plans: a flow that is added is covered without a line here.
 */
import assert from "node:assert/strict";
import { prepare, type Production } from "../../adapters/memory/prove/production.js";
import { prove } from "../../adapters/memory/prove/prove.js";
import { describeProof } from "../../adapters/memory/prove/report.js";
import { memoryProduct } from "../../adapters/compose/memory-product.js";
import { shippedFiles } from "../support/shipped.js";
import { verifying } from "../support/buses.js";

/** What is tried of each flow in `npm test`; `npm run verify` tries everything. */
const casesMax = 25;
const playsMax = 200;

const flows = shippedFiles.flatMap(({ path }) => /^(.*)\.flow\.json$/.exec(path)?.[1] ?? []);

describe("a process is killed at any crash point: everything is as without it", function () {
  this.timeout(verifying ? 1_800_000 : 60_000);
  let production: Production;
  before(async () => {
    production = await prepare(memoryProduct(), verifying);
  });

  for (const flow of flows) {
    it(`flow ${flow}`, async () => {
      const options = verifying ? { twice: true } : { playsMax, casesMax, spread: true };
      const proof = await prove(production, flow, options);
      assert.ok(proof.tried.length > 0, "there is something to try");
      assert.ok(
        proof.tried.every(({ differs }) => differs.length === 0),
        describeProof(proof),
      );
    });
  }
});
