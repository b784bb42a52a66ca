/** What a payment costs in units of work and messages: counts, which no machine is too slow for. */
import assert from "node:assert/strict";
import type { Unit } from "../../engine/ports/store.js";
import { World } from "../support/memory/world.js";

describe("what a payment costs", () => {
  async function unitsOf(script: Parameters<typeof World.create>[0]): Promise<readonly Unit[]> {
    const world = await World.create(script);
    const units: Unit[] = [];
    world.database.onCommit = (unit) => void units.push(unit);
    world.submit({ notifyUrl: "https://merchant.example/n" });
    await world.settle();
    return units;
  }
  const stages = (units: readonly Unit[]): readonly string[] =>
    units.map(({ journal = [] }) => journal.map(({ stage, kind }) => `${stage} ${kind}`).join(" + "));

  it("approved at once: three units, and one message beside the one it came with", async () => {
    const units = await unitsOf({});
    assert.deepEqual([...stages(units)].sort(), [
      "charge end + settle end + enter end",
      "intake end + charge intent",
      "send end",
    ]);
    assert.equal(units.flatMap(({ publish }) => publish).length, 1);
  });

  it("each row of a unit is written once", async () => {
    for (const { writes } of await unitsOf({})) {
      const rows = writes.map((write) => {
        const { orderId, paymentId, runId } = write.kind === "insert" ? write.row : write.key;
        return [write.table, write.table === "payments" ? paymentId : (orderId ?? runId)].join(" ");
      });
      assert.equal(new Set(rows).size, rows.length, rows.join(", "));
    }
  });

  it("answered later: entering the wait is part of what came before", async () => {
    const units = await unitsOf({ alpha: { charge: ["pending"] } });
    assert.deepEqual(stages(units), ["intake end + charge intent", "charge end + present end"]);
  });

  it("where each stage is another process: six units, and four messages beside the one it came with", async () => {
    const units = await unitsOf({ apart: true });
    assert.deepEqual([...stages(units)].sort(), [
      ...["charge end", "charge intent", "enter end", "intake end", "send end", "settle end"],
    ]);
    assert.equal(units.flatMap(({ publish }) => publish).length, 4);
  });
});
