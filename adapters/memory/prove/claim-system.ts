/** The system with its messages in the database, as on PostgreSQL: one process at a time, hand-over by hand-over. */
import type { OutgoingMessage } from "../../../engine/ports/bus.js";
import { timerMessage } from "../../../engine/runtime/publications.js";
import { engineTables } from "../../../engine/runtime/tables.js";
import { MemoryBroker } from "../bus.js";
import { SeededRandom, settled } from "../clock.js";
import { MemoryDatabase } from "../database.js";
import { asOutgoing } from "../messages.js";
import { Host } from "../host.js";
import { type System, type SystemOptions, timersMax } from "./system.js";

export class ClaimSystem implements System {
  readonly random: SeededRandom;
  readonly database: MemoryDatabase;
  /** Every message that was ever in the bus, as it was published. */
  readonly seen = new Map<string, OutgoingMessage>();
  readonly #broker: MemoryBroker;
  #host: Host | undefined;
  #hosts = 0;

  constructor(private readonly options: SystemOptions) {
    const { clock } = options;
    this.random = new SeededRandom(clock);
    const { tables, checks } = options.production.product;
    this.database = new MemoryDatabase(clock, [...engineTables, ...tables], checks);
    this.#broker = new MemoryBroker({ database: this.database, clock, random: this.random });
  }

  get dead(): boolean {
    return this.#host?.dead ?? true;
  }

  /** Starts a process; the one before it, if it lives, is killed. */
  async boot(): Promise<void> {
    this.#host?.kill();
    const { clock, production, ports, dies } = this.options;
    const { product, definitions, atoms } = production;
    this.#host = new Host({
      name: `host-${++this.#hosts}`,
      ...{ broker: this.#broker, clock, random: this.random, definitions, atoms, dies },
      atomPorts: (rows) => product.atomPorts(ports(rows)),
      dictionary: product.vocabulary.dictionary,
      queues: () => [...new Set([...this.database.messages.values()].map(({ queue }) => queue))],
    });
    await this.#host.start();
  }

  async publish(messages: readonly OutgoingMessage[]): Promise<void> {
    for (const message of messages) this.database.publish(message);
  }

  /** Messages that nobody is done with. */
  get left(): number {
    return this.database.messages.size;
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
    const nowMs = this.options.clock.nowMs();
    const due = [
      this.options.clock.nextMs ?? Infinity,
      ...this.database.rows("timers").map(({ dueAt }) => Number(dueAt)),
      ...[...this.database.messages.values()].map(({ visibleAtMs }) => visibleAtMs),
    ].filter((atMs) => atMs > nowMs && atMs < Infinity);
    return due.length === 0 ? undefined : Math.min(...due);
  }

  async #fireTimers(): Promise<void> {
    if (!this.#host || this.#host.dead) return;
    const fired = await this.#host.store.fireTimers(timerMessage, timersMax);
    if (fired > 0 && this.options.dies("timers-fired", {})) this.#host.kill();
  }
}
