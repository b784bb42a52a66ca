/** What can be seen of the whole system from any of its processes: every module with its health, every queue. */
import type { Bus, Clock, ModuleView, QueueDepth } from "../../engine/ports/index.js";
import { moduleHealth, type Waiting, WaitingWatch, waitingFor } from "../../engine/registry/module-health.js";
import type { PostgresModuleRegistry } from "../store/postgres/module-registry.js";

export interface SystemLook {
  readonly modules: readonly ModuleView[];
  readonly queues: readonly QueueDepth[];
  /** Queues with something ready in them, and for how long. */
  readonly waiting: readonly Waiting[];
}

export class SystemView {
  readonly #waiting = new WaitingWatch();

  constructor(
    private readonly ports: {
      readonly registry: Pick<PostgresModuleRegistry, "all">;
      readonly bus: Pick<Bus, "depths">;
      readonly clock: Clock;
    },
  ) {}

  /** @throws BatchError, and what the bus throws when it cannot be asked */
  async look(): Promise<SystemLook> {
    const { registry, bus, clock } = this.ports;
    const [records, queues] = await Promise.all([registry.all(), bus.depths()]);
    const waiting = this.#waiting.look(queues, clock.monotonicMs());
    const modules = records.map((record) => ({
      ...record,
      ...moduleHealth({ ...record, waiting: waitingFor(record, waiting) }),
    }));
    return { modules, queues, waiting };
  }
}
