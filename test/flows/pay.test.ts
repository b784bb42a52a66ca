import assert from "node:assert/strict";
import { World } from "../support/memory/world.js";

describe("pay", () => {
  it("first look", async () => {
    const world = await World.create();
    const runId = world.submit({ notifyUrl: "https://m.example/n" });
    await world.drain();

    assert.equal(world.stateOf(runId), "ended paid");
  });
  it("crash", async () => {
    let left = 1;
    const world = await World.create({ dies: (point) => point === "external-returned" && --left === 0 });
    const runId = world.submit({ notifyUrl: "https://m.example/n" });
    await world.drainWithRestarts();

    assert.equal(world.stateOf(runId), "ended paid");
  });
});
