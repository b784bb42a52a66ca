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

/** A look is shown again for so long, whoever asks: however many watch, the system is looked at once. Milliseconds. */
const keptMs = 900;
/** One that took long is kept for so many times as long: who watches never takes more than a twentieth of a connection. */
const keptTimes = 20;
const keptMsMax = 3_000;
/** One that is still under way is waited for by everybody, but not for ever: its connection may be dead. */
const underWayMsMax = 10_000;

interface Kept {
  readonly look: Promise<SystemLook>;
  untilMs: number;
}

export class SystemView {
  readonly #waiting = new WaitingWatch();
  #kept: Kept | undefined;

  constructor(
    private readonly ports: {
      readonly registry: Pick<PostgresModuleRegistry, "all">;
      readonly bus: Pick<Bus, "depths">;
      readonly clock: Clock;
    },
  ) {}

  /**
   * As it was a moment ago.
   * @throws BatchError, and what the bus throws when it cannot be asked
   */
  look(): Promise<SystemLook> {
    const startMs = this.ports.clock.monotonicMs();
    if (this.#kept && startMs < this.#kept.untilMs) return this.#kept.look;
    const kept: Kept = { look: this.#take(), untilMs: startMs + underWayMsMax };
    this.#kept = kept;
    kept.look.then(
      () => {
        const tookMs = this.ports.clock.monotonicMs() - startMs;
        kept.untilMs = startMs + Math.min(keptMsMax, Math.max(keptMs, tookMs * keptTimes));
      },
      // The next one asks anew.
      () => (kept.untilMs = 0),
    );
    return kept.look;
  }

  /** Somebody has changed what is in the queues, and will look whether it worked. */
  forget(): void {
    this.#kept = undefined;
  }

  async #take(): Promise<SystemLook> {
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
