import assert from "node:assert/strict";
import { SystemView } from "../../../adapters/compose/system-view.js";
import type { Clock, QueueDepth } from "../../../engine/ports/index.js";

/** A system whose queues are counted when the test says so; `nowMs` is its clock. */
class Counted {
  nowMs = 0;
  looks = 0;
  readonly #answers: ((error?: Error) => void)[] = [];
  readonly view = new SystemView({
    registry: { all: () => Promise.resolve([]) },
    bus: {
      depths: () => {
        this.looks += 1;
        return new Promise<readonly QueueDepth[]>((resolve, reject) =>
          this.#answers.push((error) => (error ? reject(error) : resolve([]))),
        );
      },
    },
    clock: { monotonicMs: () => this.nowMs } as Clock,
  });

  answer(error?: Error): void {
    this.#answers.shift()?.(error);
  }

  /** One look that takes so long. */
  async look(tookMs: number): Promise<void> {
    const look = this.view.look();
    this.nowMs += tookMs;
    this.answer();
    await look;
  }
}

describe("the view of the whole system", () => {
  it("however many ask, the queues are counted once, and again after a moment", async () => {
    const system = new Counted();
    const first = [system.view.look(), system.view.look()];
    system.answer();
    await Promise.all(first);
    system.nowMs = 899;
    await system.view.look();
    assert.equal(system.looks, 1);
    system.nowMs = 900;
    await system.look(1);
    assert.equal(system.looks, 2);
  });

  it("a look that took long is kept for longer, three seconds at most", async () => {
    const system = new Counted();
    await system.look(100);
    system.nowMs = 1_999;
    await system.view.look();
    assert.equal(system.looks, 1);
    system.nowMs = 2_000;
    await system.look(2_000);
    system.nowMs = 4_999;
    await system.view.look();
    assert.equal(system.looks, 2);
    system.nowMs = 5_000;
    await system.look(1);
    assert.equal(system.looks, 3);
  });

  it("who has changed something sees it at once", async () => {
    const system = new Counted();
    await system.look(1);
    system.view.forget();
    await system.look(1);
    assert.equal(system.looks, 2);
  });

  it("a look that fails is not shown again", async () => {
    const system = new Counted();
    const failing = system.view.look();
    system.answer(new Error("away"));
    await assert.rejects(failing, /away/);
    await system.look(1);
    assert.equal(system.looks, 2);
  });

  it("a look that never ends does not keep everybody waiting", async () => {
    const system = new Counted();
    void system.view.look();
    system.nowMs = 9_999;
    void system.view.look();
    assert.equal(system.looks, 1);
    system.nowMs = 10_000;
    void system.view.look();
    assert.equal(system.looks, 2);
  });
});
