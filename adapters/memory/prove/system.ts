/** The system a flow is proved on: one process at a time on a database and a bus in memory, under a virtual clock. */
import type { OutgoingMessage } from "../../../engine/ports/bus.js";
import type { RowReader } from "../../../engine/ports/store.js";
import { timerSignalId } from "../../../engine/runtime/advance.js";
import type { CrashContext, CrashPoint } from "../../../engine/runtime/crash-points.js";
import { signalMessage } from "../../../engine/runtime/publications.js";
import { engineTables } from "../../../engine/runtime/tables.js";
import { MemoryBroker } from "../bus.js";
import { SeededRandom, settled, VirtualClock } from "../clock.js";
import { MemoryDatabase } from "../database.js";
import { asOutgoing } from "../messages.js";
import { Host, type MemoryPorts } from "../host.js";
import type { Production } from "./production.js";

const startMs = Date.parse("2026-03-01T10:00:00Z");

export interface SystemOptions {
  readonly production: Production;
  readonly ports: (rows: RowReader) => MemoryPorts;
  /** True: the process dies here. */
  readonly dies: (point: CrashPoint, context: CrashContext) => boolean;
}

export class System {
  readonly clock: VirtualClock;
  readonly random: SeededRandom;
  readonly database: MemoryDatabase;
  /** Every message that was ever in the bus, as it was published. */
  readonly seen = new Map<string, OutgoingMessage>();
  readonly #broker: MemoryBroker;
  #host: Host | undefined;
  #hosts = 0;

  constructor(
    clock: VirtualClock,
    private readonly options: SystemOptions,
  ) {
    this.clock = clock;
    this.random = new SeededRandom(clock);
    const { tables, checks } = options.production.product;
    this.database = new MemoryDatabase(clock, [...engineTables, ...tables], checks);
    this.#broker = new MemoryBroker({ database: this.database, clock, random: this.random });
  }

  static clock(): VirtualClock {
    return new VirtualClock(startMs);
  }

  get dead(): boolean {
    return this.#host?.dead ?? true;
  }

  /** Starts a process; the one before it, if it lives, is killed. */
  async boot(): Promise<void> {
    this.#host?.kill();
    const { production, ports, dies } = this.options;
    const { product, definitions, atoms } = production;
    this.#host = new Host({
      name: `host-${++this.#hosts}`,
      ...{ broker: this.#broker, clock: this.clock, random: this.random, definitions, atoms, dies },
      atomPorts: (rows) => product.atomPorts(ports(rows)),
      dictionary: product.vocabulary.dictionary,
      queues: () => [...new Set([...this.database.messages.values()].map(({ queue }) => queue))],
    });
    await this.#host.start();
  }

  publish(message: OutgoingMessage): void {
    this.database.publish(message);
  }

  /** Everything that can happen now happens. */
  async settle(): Promise<void> {
    await this.#fireTimers();
    do {
      await settled();
      for (const message of this.database.messages.values())
        if (!this.seen.has(message.messageId)) this.seen.set(message.messageId, asOutgoing(message));
    } while (this.#broker.pump());
  }

  /** When something will happen by itself. Undefined: never. */
  get nextMs(): number | undefined {
    const nowMs = this.clock.nowMs();
    const due = [
      this.clock.nextMs ?? Infinity,
      ...this.database.rows("timers").map(({ dueAt }) => Number(dueAt)),
      ...[...this.database.messages.values()].map(({ visibleAtMs }) => visibleAtMs),
    ].filter((atMs) => atMs > nowMs && atMs < Infinity);
    return due.length === 0 ? undefined : Math.min(...due);
  }

  async #fireTimers(): Promise<void> {
    if (!this.#host || this.#host.dead) return;
    await this.#host.store.fireTimers(
      ({ runId, hop, signal }) =>
        signalMessage({ signalId: timerSignalId(runId, hop), runId, signal, fields: {}, hop }),
      500,
    );
  }
}
