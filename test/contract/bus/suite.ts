/** What the cases of the bus contract work with. */
import type { BusCapabilities, Delivery, QueueDepth } from "../../../engine/ports/bus.js";
import type { Row } from "../../../engine/ports/store.js";
import { ending } from "../store.js";
import { buryIn, type TestProcess, type World } from "../world.js";

export class BusSuite {
  #world: World | undefined;
  #process: TestProcess | undefined;

  constructor(
    private readonly openWorld: () => Promise<World>,
    readonly capabilities: BusCapabilities,
  ) {}

  async open(): Promise<void> {
    this.#world = await this.openWorld();
    this.#process = await this.#world.open();
  }

  async close(): Promise<void> {
    await this.#world?.drop();
  }

  get world(): World {
    if (!this.#world) throw new Error("the world is opened before its cases");
    return this.#world;
  }

  get process(): TestProcess {
    if (!this.#process) throw new Error("the process is opened before its cases");
    return this.#process;
  }

  /** Removes the message, as a worker that is done does. */
  settle(held: Delivery): Promise<string> {
    return ending(this.process.store.commit({ message: { held, consume: true }, writes: [], publish: [] }));
  }

  async depthOf(queue: string): Promise<QueueDepth | undefined> {
    return (await this.process.bus.depths()).find((depth) => depth.queue === queue);
  }

  release(delivery: Delivery, delayMs = 0, blame = true): Promise<void> {
    return this.process.bus.release(delivery, delayMs, { blame });
  }

  bury(queue: string, count: number, more: Row = {}): Promise<readonly string[]> {
    return buryIn(this.process, queue, count, more);
  }
}
