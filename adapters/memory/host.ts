/**
 * One process of a system: the real worker on the shared database and broker. It can be killed at a crash point or
 * at any moment; from then on nothing it does reaches anybody, and what it held stays leased until the lease ends.
 */
import type { Atom } from "../../engine/atom.js";
import type { Dictionary } from "../../engine/dictionary.js";
import type { ChannelDriver } from "../../engine/ports/channel.js";
import type { WebhookSender } from "../../engine/ports/delivery.js";
import type { Reference } from "../../engine/ports/reference.js";
import type { RowReader } from "../../engine/ports/store.js";
import type { LogEvent, Telemetry } from "../../engine/ports/telemetry.js";
import { silent } from "../../engine/ports/telemetry.js";
import { ActiveCatalogue } from "../../engine/registry/active-catalogue.js";
import type { CrashContext, CrashPoint } from "../../engine/runtime/crash-points.js";
import { Worker } from "../../engine/runtime/worker.js";
import { servedQueues } from "./queues.js";
import { MemoryBus, type MemoryBroker } from "./bus.js";
import type { SeededRandom, VirtualClock } from "./clock.js";
import type { MemoryDefinitions } from "./definitions.js";
import { MemoryStore } from "./store.js";

/** What the world in memory offers to atoms, by the names the product's atoms know. */
export interface MemoryPorts {
  readonly reference: Reference;
  readonly rows: RowReader;
  readonly webhooks: WebhookSender;
  fronts(name: string): boolean;
  channel(name: string): ChannelDriver;
}

export interface HostOptions {
  readonly name: string;
  readonly broker: MemoryBroker;
  readonly clock: VirtualClock;
  readonly random: SeededRandom;
  readonly definitions: MemoryDefinitions;
  /** What atoms see of the world: all of it, with the rows of this process's store. */
  readonly atomPorts: (rows: RowReader) => unknown;
  readonly atoms: ReadonlyMap<string, Atom<never>>;
  readonly dictionary: Dictionary;
  readonly queues: () => readonly string[];
  /** Every stage is entered by a message, as if each had a process of its own. */
  readonly apart?: boolean;
  /** True: the process dies here. */
  readonly dies?: (point: CrashPoint, context: CrashContext) => boolean;
}

export class Host {
  readonly store: MemoryStore;
  readonly bus: MemoryBus;
  readonly catalogue: ActiveCatalogue;
  readonly worker: Worker;
  readonly log: LogEvent[] = [];
  #dead = false;

  constructor(private readonly options: HostOptions) {
    const { broker, clock, random, name } = options;
    this.store = this.#mortal(new MemoryStore({ database: broker.database, clock, instance: name }));
    this.bus = this.#mortal(new MemoryBus(broker, name, clock));
    this.catalogue = new ActiveCatalogue(options.definitions);
    const telemetry: Telemetry = { ...silent, log: (_level, event) => void this.log.push(event) };
    this.worker = new Worker({
      ports: {
        store: this.store,
        bus: this.bus,
        clock,
        random,
        telemetry,
        catalogue: this.catalogue,
        crash: (point, context) => {
          if (!this.#dead && options.dies?.(point, context) !== true) return;
          this.kill();
          throw new Error(`killed at ${point}`);
        },
        atomPorts: options.atomPorts(this.store),
      },
      atoms: options.atoms,
      dictionary: options.dictionary,
    });
  }

  get dead(): boolean {
    return this.#dead;
  }

  async start(): Promise<void> {
    await this.catalogue.refresh();
    const { apart = false, queues: seen } = this.options;
    const queues = apart ? seen : servedQueues(this.catalogue.plans(), seen);
    this.bus.consume({ queues, concurrency: 8, handler: this.worker.handle });
  }

  kill(): void {
    this.#dead = true;
    this.options.broker.drop(this.options.name);
  }

  /** The process lives, but it is so slow that others take over what it holds. */
  stall(): void {
    this.options.broker.alive.delete(this.options.name);
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
