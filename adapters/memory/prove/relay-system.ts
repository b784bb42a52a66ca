/** The system with its messages on a broker beside the database, as on RabbitMQ and NATS. */
import type { OutgoingMessage } from "../../../engine/ports/bus.js";
import { timerMessage } from "../../../engine/runtime/publications.js";
import { engineTables } from "../../../engine/runtime/tables.js";
import { MemoryBrokerServer } from "../broker.js";
import { SeededRandom, settled } from "../clock.js";
import { MemoryDatabase } from "../database.js";
import { RelayProcess } from "./relay-process.js";
import { type System, type SystemOptions, timersMax } from "./system.js";

/** Turns of the event loop in which nothing happens: then nothing will without the clock. */
const quietTurns = 3;

export class RelaySystem implements System {
  readonly random: SeededRandom;
  readonly database: MemoryDatabase;
  readonly seen = new Map<string, OutgoingMessage>();
  readonly #server: MemoryBrokerServer;
  #process: RelayProcess | undefined;
  #commits = 0;

  constructor(private readonly options: SystemOptions) {
    const { clock, production } = options;
    const { tables, checks } = production.product;
    this.random = new SeededRandom(clock);
    this.database = new MemoryDatabase(clock, [...engineTables, ...tables], checks);
    this.database.onCommit = () => void this.#commits++;
    this.#server = new MemoryBrokerServer(clock);
  }

  get dead(): boolean {
    return this.#process?.dead ?? true;
  }

  get left(): number {
    return this.#atBroker + this.database.outbox.rows.size;
  }

  async boot(): Promise<void> {
    this.#process?.kill();
    this.#process = new RelayProcess({
      ...this.options,
      ...{ instance: this.random.id(), database: this.database, server: this.#server, random: this.random },
      published: (message) => this.#see(message),
      queues: () => [...new Set([...this.seen.values()].map(({ queue }) => queue))],
    });
    await this.#process.start();
  }

  async publish(messages: readonly OutgoingMessage[]): Promise<void> {
    for (const message of messages) this.#see(message);
    await this.#process?.bus.publish(messages);
  }

  async settle(): Promise<void> {
    await this.#fireTimers();
    let before = "";
    for (let quiet = 0; quiet < quietTurns; quiet++) {
      await settled();
      const now = this.#moves;
      if (now !== before) quiet = 0;
      before = now;
    }
  }

  /** While nobody works, only the clock of the rows matters: what else rings looks for work and finds none. */
  get nextMs(): number | undefined {
    const { clock } = this.options;
    const nowMs = clock.nowMs();
    const outbox = [...this.database.outbox.rows.values()].map(({ dueAtMs }) => dueAtMs);
    const isBusy = this.#atBroker > 0 || outbox.some((dueAtMs) => dueAtMs <= nowMs);
    const timers = this.database.rows("timers").map(({ dueAt }) => Number(dueAt));
    const due = [...(isBusy ? [clock.nextMs ?? Infinity] : []), ...timers, ...outbox];
    const nextMs = Math.min(...due.filter((atMs) => atMs > nowMs));
    return nextMs === Infinity ? undefined : nextMs;
  }

  get #atBroker(): number {
    return [...this.#server.queues.values()].reduce(
      (sum, { ready, unsettled }) => sum + ready.length + unsettled,
      0,
    );
  }

  /** Differs when something has happened. */
  get #moves(): string {
    const { journal, outbox } = this.database;
    return [journal.size, this.seen.size, outbox.rows.size, this.#atBroker, this.#commits].join(" ");
  }

  #see({ delayMs: _delay, ...message }: OutgoingMessage): void {
    if (!this.seen.has(message.messageId)) this.seen.set(message.messageId, message);
  }

  async #fireTimers(): Promise<void> {
    const process = this.#process;
    if (!process || process.dead) return;
    try {
      const fired = await process.store.fireTimers(timerMessage, timersMax);
      if (fired > 0 && this.options.dies("timers-fired", {})) process.kill();
    } catch (error) {
      // It has died on the way.
      if (!process.dead) throw error;
    }
  }
}
