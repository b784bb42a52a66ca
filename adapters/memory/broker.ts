/**
 * A message broker in memory that stands beside the database, and connections to it. It stores and hands out, at least
 * once, in any order its `Weather` likes; what was handed out over a connection that is cut is anybody's again.
 */
import { ValenceError } from "../../engine/errors.js";
import type {
  Broker,
  BrokerDepth,
  BrokerEvent,
  BrokerSubscription,
  BrokerTraits,
  Handed,
  Publication,
} from "../../engine/ports/broker.js";
import { type Clock, sleep } from "../../engine/ports/clock.js";
import { asJson } from "./json.js";

/** What the way to the broker does to one publication. `lost`: it never arrives. `unconfirmed`: it does, and no word comes back. */
export type SendFate = "stored" | "lost" | "unconfirmed" | "twice";

/** The default is fair: at once, nothing lost, first in first out. */
export interface Weather {
  send(): { readonly delayMs: number; readonly fate: SendFate };
  /** Milliseconds until a message that is handed over arrives. */
  handDelayMs(): number;
  /** Which one of `count` that could be next is next: of messages and of consumers. */
  choose(count: number): number;
}

const fair: Weather = {
  send: () => ({ delayMs: 0, fate: "stored" }),
  handDelayMs: () => 0,
  choose: () => 0,
};

interface Stored {
  readonly publication: Publication;
  handedOut: boolean;
}

interface Queue {
  ready: Stored[];
  readonly subscriptions: Subscription[];
  unsettled: number;
}

interface Subscription {
  readonly connection: MemoryBrokerConnection;
  readonly queue: string;
  readonly prefetch: number;
  readonly take: (handed: Handed) => void;
  open: boolean;
  readonly held: Set<Stored>;
}

export class MemoryBrokerServer {
  readonly queues = new Map<string, Queue>();
  readonly connections = new Set<MemoryBrokerConnection>();
  readonly listeners = new Map<string, Set<(payload: unknown) => void>>();
  readonly #dirty = new Set<string>();

  constructor(
    readonly clock: Clock,
    readonly weather: Weather = fair,
  ) {}

  queue(name: string): Queue {
    const known = this.queues.get(name);
    if (known) return known;
    const made: Queue = { ready: [], subscriptions: [], unsettled: 0 };
    this.queues.set(name, made);
    return made;
  }

  store(publication: Publication): void {
    this.queue(publication.queue).ready.push({ publication: asJson(publication), handedOut: false });
    this.pump(publication.queue);
  }

  /** Hands over what can be, soon. */
  pump(name: string): void {
    if (this.#dirty.has(name)) return;
    this.#dirty.add(name);
    queueMicrotask(() => {
      this.#dirty.delete(name);
      const queue = this.queue(name);
      while (queue.ready.length > 0) {
        const takers = queue.subscriptions.filter(
          (each) => each.open && each.connection.connected && hasRoom(each),
        );
        if (takers.length === 0) return;
        const [stored] = queue.ready.splice(this.weather.choose(queue.ready.length), 1);
        this.#hand(stored!, queue, takers[this.weather.choose(takers.length)]!);
      }
    });
  }

  #hand(stored: Stored, queue: Queue, subscription: Subscription): void {
    const { connection } = subscription;
    const epoch = connection.epoch;
    const redelivered = stored.handedOut;
    stored.handedOut = true;
    subscription.held.add(stored);
    queue.unsettled++;
    const answer = (how: () => void): void => {
      if (epoch !== connection.epoch || !subscription.held.delete(stored)) return;
      queue.unsettled--;
      how();
      this.pump(subscription.queue);
    };
    const handed: Handed = {
      publication: stored.publication,
      redelivered,
      ack: () => answer(() => undefined),
      nack: () => answer(() => void queue.ready.unshift(stored)),
      working: () => undefined,
    };
    const arrive = (): void => {
      if (epoch === connection.epoch && subscription.held.has(stored)) subscription.take(handed);
    };
    const delayMs = this.weather.handDelayMs();
    if (delayMs > 0) this.clock.after(delayMs, arrive);
    else arrive();
  }

  /** What a connection that is gone held is anybody's again. */
  takeBack(connection: MemoryBrokerConnection): void {
    for (const [name, queue] of this.queues) {
      for (const each of queue.subscriptions) {
        if (each.connection !== connection) continue;
        queue.ready.unshift(...each.held);
        queue.unsettled -= each.held.size;
        each.held.clear();
      }
      this.pump(name);
    }
  }

  /** The disk is gone, and every message with it that `isLost` says. Returns how many. */
  lose(isLost: (publication: Publication) => boolean): number {
    let lost = 0;
    for (const queue of this.queues.values()) {
      const kept = queue.ready.filter(({ publication }) => !isLost(publication));
      lost += queue.ready.length - kept.length;
      queue.ready = kept;
    }
    return lost;
  }
}

const hasRoom = ({ held, prefetch }: Subscription): boolean => held.size < prefetch;

export class MemoryBrokerConnection implements Broker {
  readonly traits: BrokerTraits = { kind: "memory", dedupeWindowMs: 0, countsUnsettled: true };
  connected = false;
  /** Changes with every cut: an answer over a connection that is gone does nothing. */
  epoch = 0;
  readonly #listeners = new Set<(event: BrokerEvent) => void>();
  readonly #closed = new Set<() => void>();

  constructor(private readonly server: MemoryBrokerServer) {}

  async open(): Promise<void> {
    this.server.connections.add(this);
    this.connected = true;
  }

  on(listener: (event: BrokerEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The connection is gone. Whoever sends is told that it is not known what became of it. */
  cut(): void {
    if (!this.connected) return;
    this.connected = false;
    this.epoch++;
    this.server.takeBack(this);
    for (const tell of this.#listeners) tell({ kind: "disconnected", why: "cut" });
  }

  mend(): void {
    if (this.connected) return;
    this.connected = true;
    for (const tell of this.#listeners) tell({ kind: "connected" });
    for (const name of this.server.queues.keys()) this.server.pump(name);
  }

  async send(publication: Publication): Promise<void> {
    if (!this.connected) throw offline();
    const { epoch } = this;
    const { delayMs, fate } = this.server.weather.send();
    if (delayMs > 0) await sleep(this.server.clock, delayMs);
    if (epoch !== this.epoch) {
      // It may have arrived before the cut.
      if (fate === "unconfirmed") this.server.store(publication);
      throw offline();
    }
    if (fate !== "lost") this.server.store(publication);
    if (fate === "twice") this.server.store(publication);
    if (fate === "lost" || fate === "unconfirmed") throw offline();
  }

  subscribe(name: string, prefetch: number, take: (handed: Handed) => void): BrokerSubscription {
    const subscription: Subscription = {
      ...{ connection: this, queue: name, prefetch, take, open: true, held: new Set<Stored>() },
    };
    const { subscriptions } = this.server.queue(name);
    subscriptions.push(subscription);
    this.server.pump(name);
    const pause = async (): Promise<void> => void (subscription.open = false);
    return {
      pause,
      resume: () => {
        subscription.open = true;
        this.server.pump(name);
      },
      stop: async () => {
        await pause();
        if (subscription.held.size === 0) remove(subscriptions, subscription);
        else this.#closed.add(() => remove(subscriptions, subscription));
      },
    };
  }

  async depth(name: string): Promise<BrokerDepth | undefined> {
    const queue = this.server.queues.get(name);
    return queue && { ready: queue.ready.length, unsettled: queue.unsettled };
  }

  async queues(): Promise<readonly string[]> {
    return [...this.server.queues.keys()];
  }

  broadcast(topic: string, payload: unknown): void {
    if (this.connected)
      for (const listener of this.server.listeners.get(topic) ?? []) listener(asJson(payload));
  }

  onBroadcast(topic: string, listener: (payload: unknown) => void): () => void {
    const listeners = this.server.listeners.get(topic) ?? new Set();
    this.server.listeners.set(topic, listeners);
    const heard = (payload: unknown): void => {
      if (this.connected) listener(payload);
    };
    listeners.add(heard);
    return () => listeners.delete(heard);
  }

  async close(): Promise<void> {
    this.connected = false;
    this.epoch++;
    this.server.takeBack(this);
    this.server.connections.delete(this);
    for (const remove of this.#closed) remove();
    for (const { subscriptions } of this.server.queues.values())
      for (const each of subscriptions.filter(({ connection }) => connection === this))
        remove(subscriptions, each);
  }
}

function remove<T>(list: T[], entry: T): void {
  const at = list.indexOf(entry);
  if (at >= 0) list.splice(at, 1);
}

const offline = (): ValenceError => new ValenceError("broker_unreachable", "the broker is away");
