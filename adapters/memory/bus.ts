/**
 * The bus port over messages that lie in the database. `pump` hands out one message; whoever calls it decides when, or
 * the broker does it by itself once it was told to `run`. Leases of living processes go on by themselves.
 */
import { limits } from "../../engine/limits.js";
import type {
  Browsed,
  Bus,
  BusCapabilities,
  Consumer,
  DeadLetter,
  Delivery,
  Handler,
  Held,
  OutgoingMessage,
  Permit,
  QueueDepth,
} from "../../engine/ports/bus.js";
import type { Clock, Random } from "../../engine/ports/clock.js";
import { sleep } from "../../engine/ports/clock.js";
import type { MemoryDatabase } from "./database.js";
import { asJson } from "./json.js";
import { MemoryLetters } from "./letters.js";
import type { StoredMessage } from "./messages.js";

/** What a broadcast carries beside its payload, at most. */
const broadcastEnvelopeBytes = 64;

interface Subscription {
  readonly owner: string;
  readonly queues: () => readonly string[];
  readonly concurrency: number;
  readonly handler: Handler;
  /** What is at work. */
  readonly held: Set<Held>;
  paused: boolean;
}

export interface MemoryBrokerOptions {
  readonly database: MemoryDatabase;
  readonly clock: Clock;
  readonly random: Random;
  /** Which of `count` consumers that have room gets the next message. Default: the one that subscribed first. */
  readonly choose?: (count: number) => number;
}

/** What every process of a system shares: the broker. */
export class MemoryBroker {
  readonly #subscriptions = new Set<Subscription>();
  readonly #listeners = new Map<string, Set<(payload: unknown) => void>>();
  /** Processes that renew their leases: those that live. */
  readonly alive = new Set<string>();
  readonly database: MemoryDatabase;
  #cancelWake: () => void = () => undefined;
  #runs = false;
  #pumping = false;

  constructor(private readonly options: MemoryBrokerOptions) {
    this.database = options.database;
  }

  /** From now on messages are handed out by themselves: nobody has to `pump`. */
  run(): void {
    this.#runs = true;
    this.database.queue.changed = () => this.#soon();
    this.#soon();
  }

  halt(): void {
    this.#runs = false;
    this.#cancelWake();
  }

  add(subscription: Subscription): Consumer {
    this.#subscriptions.add(subscription);
    this.#soon();
    const { clock } = this.options;
    return {
      pause: () => void (subscription.paused = true),
      resume: () => {
        subscription.paused = false;
        this.#soon();
      },
      stop: async (deadlineMs) => {
        this.#subscriptions.delete(subscription);
        const giveUpAtMs = clock.monotonicMs() + deadlineMs;
        while (subscription.held.size > 0 && clock.monotonicMs() < giveUpAtMs) await sleep(clock, 10);
        for (const held of subscription.held) this.release(held, 0, true);
        subscription.held.clear();
      },
      get inFlight() {
        return subscription.held.size;
      },
    };
  }

  /** A process is gone: nobody renews what it holds. */
  drop(owner: string): void {
    this.alive.delete(owner);
    for (const each of this.#subscriptions) if (each.owner === owner) this.#subscriptions.delete(each);
  }

  /** Starts the handler of the first deliverable message that somebody has room for. False: there is none. */
  pump(): boolean {
    if (this.database.away) return false;
    const { queue } = this.database;
    queue.wake(({ owner }) => owner !== undefined && this.alive.has(owner), limits.leaseMs);
    let first: StoredMessage | undefined;
    for (const each of this.#subscriptions) {
      if (each.paused || each.held.size >= each.concurrency) continue;
      const message = queue.first(each.queues());
      if (message && (first === undefined || comesBefore(message, first))) first = message;
    }
    if (!first) return false;
    const takers = [...this.#subscriptions].filter(
      (each) => !each.paused && each.held.size < each.concurrency && each.queues().includes(first.queue),
    );
    this.#start(first, takers[this.options.choose?.(takers.length) ?? 0]!);
    return true;
  }

  #soon(): void {
    if (!this.#runs || this.#pumping) return;
    this.#pumping = true;
    queueMicrotask(() => {
      this.#pumping = false;
      while (this.#runs && this.pump());
      this.#cancelWake();
      const { nextMs } = this.database.queue;
      const { clock } = this.options;
      // Away: whoever brings the database back says so.
      if (this.#runs && nextMs !== undefined && !this.database.away)
        this.#cancelWake = clock.after(Math.max(0, nextMs - clock.nowMs()), () => this.#soon());
    });
  }

  #start(message: StoredMessage, taker: Subscription): void {
    const nowMs = this.options.clock.nowMs();
    const queueWaitMs = nowMs - message.visibleAtMs;
    const token = this.options.random.id();
    message.token = token;
    message.owner = taker.owner;
    message.deliveryCount += 1;
    message.visibleAtMs = nowMs + limits.leaseMs;
    const { messageId, queue, type, body, correlationId, replyTo, deliveryCount, expiresAtMs } = message;
    const delivery: Delivery = {
      ...{ messageId, queue, type, body, token, deliveryCount, queueWaitMs },
      ...(correlationId === undefined ? {} : { correlationId }),
      ...(replyTo === undefined ? {} : { replyTo }),
      expired: expiresAtMs !== undefined && expiresAtMs <= nowMs,
    };
    taker.held.add(delivery);
    void this.#work(delivery, taker);
  }

  /** What its handler leaves unsettled is not renewed any more: it comes again when the lease has run out. */
  async #work(delivery: Delivery, taker: Subscription): Promise<void> {
    try {
      await taker.handler(delivery);
    } catch {
      // Handlers settle their own failures; what escapes leaves the message to its lease.
    }
    // Otherwise it has moved to another consumer, or was handed back.
    const message = taker.held.delete(delivery) ? this.database.messages.get(delivery.messageId) : undefined;
    if (message?.token === delivery.token) message.owner = undefined;
    this.#soon();
  }

  serving(owner: string, queue: string): Subscription | undefined {
    return [...this.#subscriptions].find(
      (each) => each.owner === owner && !each.paused && each.queues().includes(queue),
    );
  }

  permit(owner: string, queue: string): Permit | undefined {
    const to = this.serving(owner, queue);
    if (!to || to.held.size >= to.concurrency) return undefined;
    const place: Held = { messageId: "", queue, token: "" };
    to.held.add(place);
    return {
      take: (delivery, rest) => {
        to.held.delete(place);
        for (const from of this.#subscriptions)
          for (const held of from.held) if (held.token === delivery.token) from.held.delete(held);
        const moved = { ...delivery, rest };
        to.held.add(moved);
        void this.#work(moved, to);
      },
      cancel: () => {
        to.held.delete(place);
        this.#soon();
      },
    };
  }

  release(held: Held, delayMs: number, blame: boolean): void {
    const message = this.database.messages.get(held.messageId);
    if (message?.token !== held.token) return;
    message.token = undefined;
    message.owner = undefined;
    if (!blame) message.deliveryCount -= 1;
    message.visibleAtMs = this.options.clock.nowMs() + delayMs;
  }

  broadcast(topic: string, payload: unknown): void {
    if (Buffer.byteLength(JSON.stringify(payload)) > limits.messageBytesMax - broadcastEnvelopeBytes) return;
    for (const listener of this.#listeners.get(topic) ?? []) {
      try {
        listener(asJson(payload));
      } catch {
        // Who speaks does not suffer from who listens.
      }
    }
  }

  onBroadcast(topic: string, listener: (payload: unknown) => void): () => void {
    const listeners = this.#listeners.get(topic) ?? new Set();
    this.#listeners.set(topic, listeners.add(listener));
    return () => void listeners.delete(listener);
  }
}

const comesBefore = (a: StoredMessage, b: StoredMessage): boolean =>
  a.priority === b.priority
    ? a.visibleAtMs < b.visibleAtMs || (a.visibleAtMs === b.visibleAtMs && a.seq < b.seq)
    : a.priority === "high";

export const memoryCapabilities: BusCapabilities = {
  ...{ transactional: true, unique: true, delay: true, browse: true, countsLeased: true, oldest: true },
};

/** The broker as one process sees it. */
export class MemoryBus implements Bus {
  readonly unsent = 0;
  readonly #letters: MemoryLetters;
  readonly capabilities = memoryCapabilities;

  constructor(
    private readonly broker: MemoryBroker,
    private readonly owner: string,
    private readonly clock: Clock,
  ) {
    broker.alive.add(owner);
    const { database } = broker;
    this.#letters = new MemoryLetters(database, (message) => database.publish(message, 1));
  }

  consume(options: { queues: () => readonly string[]; concurrency: number; handler: Handler }): Consumer {
    return this.broker.add({ ...options, owner: this.owner, held: new Set(), paused: false });
  }

  async publish(messages: readonly OutgoingMessage[]): Promise<void> {
    this.broker.database.reachable();
    for (const message of messages) this.broker.database.publish(message);
  }

  serves(queue: string): boolean {
    return this.broker.serving(this.owner, queue) !== undefined;
  }

  permit(queue: string): Permit | undefined {
    return this.broker.permit(this.owner, queue);
  }

  note(delivery: Delivery): void {
    const told = this.broker.serving(this.owner, delivery.queue);
    void told?.handler({ ...delivery, rest: Promise.resolve() });
  }

  async release(held: Held, delayMs: number, { blame = true }: { blame?: boolean } = {}): Promise<void> {
    this.broker.database.reachable();
    this.broker.release(held, delayMs, blame);
  }

  async depths(): Promise<readonly QueueDepth[]> {
    const messages = [...this.broker.database.messages.values()];
    const dead = this.broker.database.rows("deadLetters");
    const nowMs = this.clock.nowMs();
    const queues = new Set([
      ...messages.map(({ queue }) => queue),
      ...dead.map((row) => String(row["queue"])),
    ]);
    return [...queues].sort().map((queue) => {
      const here = messages.filter((message) => message.queue === queue);
      const free = here.filter(({ token, visibleAtMs }) => token === undefined || visibleAtMs <= nowMs);
      const ready = free.filter(({ visibleAtMs }) => visibleAtMs <= nowMs);
      return {
        queue,
        ready: ready.length,
        delayed: free.length - ready.length,
        leased: here.length - free.length,
        dead: dead.filter((row) => row["queue"] === queue).length,
        oldestReadyMs: Math.max(0, ...ready.map(({ visibleAtMs }) => nowMs - visibleAtMs)),
      };
    });
  }

  async browse(queue: string, limit: number): Promise<readonly Browsed[]> {
    const nowMs = this.clock.nowMs();
    return [...this.broker.database.messages.values()]
      .filter((message) => message.queue === queue)
      .slice(0, limit)
      .map(({ messageId, type, body, token, visibleAtMs: atMs, deliveryCount: deliveries }) => {
        const state = atMs <= nowMs ? "ready" : token === undefined ? "delayed" : "leased";
        return { messageId, queue, type, body, state, atMs, deliveries };
      });
  }

  deadLetters(queue: string, limit: number): Promise<readonly DeadLetter[]> {
    return this.#letters.list(queue, limit);
  }

  replay(queue: string, messageIds?: readonly string[]): Promise<number> {
    return this.#letters.replay(queue, messageIds);
  }

  discard(messageIds: readonly string[]): Promise<number> {
    return this.#letters.discard(messageIds);
  }

  async queues(prefix: string): Promise<readonly string[]> {
    const names = [...this.broker.database.messages.values()].map(({ queue }) => queue);
    return [...new Set(names)].filter((queue) => queue.startsWith(prefix));
  }

  broadcast(topic: string, payload: unknown): void {
    this.broker.broadcast(topic, payload);
  }

  onBroadcast(topic: string, listener: (payload: unknown) => void): () => void {
    return this.broker.onBroadcast(topic, listener);
  }
}
