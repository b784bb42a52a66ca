import assert from "node:assert/strict";
import { limits } from "../../../engine/limits.js";
import { KeptInputs } from "../../../engine/runtime/kept-inputs.js";
import { World } from "../../support/memory/world.js";

const first = { hop: 0, flow: "pay", fields: { amount: 100 } };
const { inputsKeptPerSMax: most, inputKeptBytesMax } = limits;

describe("inputs the journal keeps", () => {
  let nowMs: number;
  let inputs: KeptInputs;
  beforeEach(() => {
    nowMs = 1_000;
    inputs = new KeptInputs({ monotonicMs: () => nowMs });
  });
  const keep = (times: number, run = first): number =>
    Array.from({ length: times }, () => inputs.keeps(run)).filter(Boolean).length;

  it("the first of every second, flow by flow", () => {
    assert.equal(keep(most + 5), most);
    assert.equal(keep(5, { ...first, flow: "refund" }), 5);
    nowMs = 1_999;
    assert.equal(keep(1), 0);
    nowMs = 2_000;
    assert.equal(keep(1), 1);
  });

  it("none of a later hop, and none that is large", () => {
    assert.equal(keep(1, { ...first, hop: 1 }), 0);
    assert.equal(
      keep(1, { ...first, fields: { amount: 1, text: "x".repeat(inputKeptBytesMax) } as never }),
      0,
    );
  });

  it("stand in the first durable point of the run, once, as the run began", async () => {
    const world = await World.create({ alpha: { charge: ["silence"] } });
    const runId = world.submit({ subject: "coffee" });
    await world.drain();
    const journal = world.database.journalOf(runId);
    const [point, ...rest] = journal.toSorted((a, b) => a.hop - b.hop || a.point - b.point);
    const input = point?.data["input"] as Record<string, unknown>;
    assert.deepEqual([input["subject"], input["type"], input["channel"]], ["coffee", "pay", undefined]);
    assert.ok(rest.length > 3 && rest.every(({ data }) => data["input"] === undefined));
  });
});
