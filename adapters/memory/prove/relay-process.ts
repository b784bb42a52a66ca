/**
 * One process on a broker beside the database: real worker, real relayed bus. It can be killed at a crash point; from
 * then on nothing it does reaches anybody, and what it held is the broker's again.
 */
import { servedQueues } from "../queues.js";
import type { OutgoingMessage, RelayDesk } from "../../../engine/ports/bus.js";
import type { Clock, Random } from "../../../engine/ports/clock.js";
import { silent } from "../../../engine/ports/telemetry.js";
import { ActiveCatalogue } from "../../../engine/registry/active-catalogue.js";
import { RelayedBus } from "../../../engine/relay/relayed-bus.js";
import type { Crash } from "../../../engine/runtime/crash-points.js";
import { Worker } from "../../../engine/runtime/worker.js";
import { MemoryBrokerConnection, type MemoryBrokerServer } from "../broker.js";
import type { MemoryDatabase, MemoryWriter } from "../database.js";
import { MemoryLetters } from "../letters.js";
import { MemoryOutbox } from "../outbox.js";
import { MemoryStore } from "../store.js";
import type { SystemOptions } from "./system.js";

const concurrency = 8;
/** How often the outbox is looked at for what a dead process has left. Milliseconds. */
const collectEveryMs = 1_000;

export interface RelayProcessOptions extends SystemOptions {
  readonly instance: string;
  readonly database: MemoryDatabase;
  readonly server: MemoryBrokerServer;
  readonly random: Random;
  readonly queues: () => readonly string[];
  /** Told of every message that is about to be published with a commit. */
  readonly published: (message: OutgoingMessage) => void;
}

export class RelayProcess {
  readonly bus: RelayedBus;
  readonly store: MemoryStore;
  readonly #catalogue: ActiveCatalogue;
  readonly #worker: Worker;
  readonly #connection: MemoryBrokerConnection;
  #dead = false;

  constructor(private readonly options: RelayProcessOptions) {
    const { database, server, random, instance, production } = options;
    const clock = this.#clock();
    this.#connection = new MemoryBrokerConnection(server);
    this.bus = this.#mortal(
      new RelayedBus({
        broker: this.#connection,
        outbox: this.#mortal(new MemoryOutbox(database, instance)),
        letters: new MemoryLetters(database, () => undefined),
        ...{ clock, random, telemetry: silent, instance, collectEveryMs },
      }),
    );
    const writer = (inner: MemoryWriter): MemoryWriter => this.#mortal(inner);
    this.store = this.#mortal(new MemoryStore({ database, clock, instance, writer, desk: this.#desk() }));
    this.#catalogue = new ActiveCatalogue(production.definitions);
    const { atoms, product } = production;
    this.#worker = new Worker({
      ports: {
        ...{ store: this.store, bus: this.bus, clock, random, telemetry: silent, catalogue: this.#catalogue },
        crash: this.#crash,
        atomPorts: product.atomPorts(options.ports(this.store)),
      },
      atoms,
      dictionary: product.vocabulary.dictionary,
    });
  }

  get dead(): boolean {
    return this.#dead;
  }

  async start(): Promise<void> {
    const { database, instance } = this.options;
    database.beats.set(instance, Infinity);
    await this.#catalogue.refresh();
    await this.bus.open();
    const queues = servedQueues(this.#catalogue.plans(), this.options.queues);
    this.bus.consume({ queues, concurrency, handler: this.#worker.handle });
  }

  kill(): void {
    this.#dead = true;
    this.options.database.beats.set(this.options.instance, -Infinity);
    this.#connection.cut();
  }

  readonly #crash: Crash = (point, context) => {
    if (!this.#dead && !this.options.dies(point, context)) return;
    this.kill();
    throw new Error(`killed at ${point}`);
  };

  /** As compose makes it: a process may die between its commit and what it sends. */
  #desk(): RelayDesk {
    return {
      kind: "relay",
      prepare: (message) => {
        this.options.published(message);
        return this.bus.prepare(message);
      },
      committed: (outgoing, settled) => {
        if (outgoing.length > 0) this.#crash("committed-unsent", {});
        this.bus.committed(outgoing, settled);
      },
    };
  }

  /** Nothing rings in a process that is dead. */
  #clock(): Clock {
    const { clock } = this.options;
    return {
      nowMs: () => clock.nowMs(),
      monotonicMs: () => clock.monotonicMs(),
      after: (delayMs, callback) =>
        clock.after(delayMs, () => {
          if (!this.#dead) callback();
        }),
    };
  }

  /** Methods of a dead process's ports do nothing and never come back. */
  #mortal<T extends object>(port: T): T {
    return new Proxy(port, {
      get: (target, name) => {
        const member: unknown = Reflect.get(target, name, target);
        if (typeof member !== "function") return member;
        return (...args: readonly unknown[]): unknown =>
          this.#dead ? new Promise(() => undefined) : Reflect.apply(member, target, args);
      },
    });
  }
}
