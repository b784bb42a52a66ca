/**
 * The bus port over the messages in memory. Nothing happens by itself: `pump` hands out what is deliverable, one
 * process at a time in the order of their subscriptions, and whoever calls it decides when.
 */
import { limits } from "../../../engine/limits.js";
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
  QueueDepth,
} from "../../../engine/ports/bus.js";
import type { Clock, Random } from "../../../engine/ports/clock.js";
import { asJson, type MemoryDatabase, type StoredMessage } from "./database.js";

interface Subscription {
  readonly owner: string;
  readonly queues: () => readonly string[];
  readonly concurrency: number;
  readonly handler: Handler;
  inFlight: number;
  paused: boolean;
}

/** What every process of a system shares: the broker. */
export class MemoryBroker {
  readonly #subscriptions = new Set<Subscription>();
  readonly #listeners = new Map<string, Set<(payload: unknown) => void>>();
  /** Processes that renew their leases: those that live. */
  readonly alive = new Set<string>();

  constructor(
    readonly database: MemoryDatabase,
    private readonly clock: Clock,
    private readonly random: Random,
  ) {}

  add(subscription: Subscription): Consumer {
    this.#subscriptions.add(subscription);
    return {
      pause: () => void (subscription.paused = true),
      resume: () => void (subscription.paused = false),
      stop: () => Promise.resolve(void this.#subscriptions.delete(subscription)),
      get inFlight() {
        return subscription.inFlight;
      },
    };
  }

  /** A process is gone: nobody renews what it holds. */
  drop(owner: string): void {
    this.alive.delete(owner);
    for (const each of this.#subscriptions) if (each.owner === owner) this.#subscriptions.delete(each);
  }

  /** Starts the handler of the oldest deliverable message that somebody has room for. False: there is none. */
  pump(): boolean {
    if (this.database.away) return false;
    const nowMs = this.clock.nowMs();
    const ready = [...this.database.messages.values()]
      .filter(({ visibleAtMs }) => visibleAtMs <= nowMs)
      .sort((a, b) => Number(b.priority === "high") - Number(a.priority === "high") || a.seq - b.seq);
    for (const message of ready) {
      if (message.owner !== undefined && this.alive.has(message.owner)) {
        message.visibleAtMs = nowMs + limits.leaseMs;
        continue;
      }
      const taker = [...this.#subscriptions].find(
        (each) => !each.paused && each.inFlight < each.concurrency && each.queues().includes(message.queue),
      );
      if (!taker) continue;
      this.#start(message, taker);
      return true;
    }
    return false;
  }

  #start(message: StoredMessage, taker: Subscription): void {
    const nowMs = this.clock.nowMs();
    const queueWaitMs = nowMs - message.visibleAtMs;
    message.token = this.random.id();
    message.owner = taker.owner;
    message.deliveryCount += 1;
    message.visibleAtMs = nowMs + limits.leaseMs;
    const { messageId, queue, type, body, correlationId, replyTo, token, deliveryCount, expiresAtMs } =
      message;
    const delivery: Delivery = {
      ...asJson({ messageId, queue, type, body, token, deliveryCount, correlationId, replyTo }),
      expired: expiresAtMs !== undefined && expiresAtMs <= nowMs,
      queueWaitMs,
    } as Delivery;
    taker.inFlight += 1;
    void taker.handler(delivery).finally(() => void (taker.inFlight -= 1));
  }

  release(held: Held, delayMs: number, blame: boolean): void {
    const message = this.database.messages.get(held.messageId);
    if (message?.token !== held.token) return;
    message.token = undefined;
    message.owner = undefined;
    message.visibleAtMs = this.clock.nowMs() + delayMs;
    if (!blame) message.deliveryCount -= 1;
  }

  /** Dead letters become messages again, and the runs they parked are open again. */
  replay(queue: string, messageIds: readonly string[] | undefined): number {
    const risen = this.database
      .rows("deadLetters")
      .filter((row) => row["queue"] === queue)
      .filter((row) => messageIds?.includes(String(row["messageId"])) ?? true);
    for (const row of risen) {
      const body = row["body"] as Delivery["body"];
      this.database.delete("deadLetters", row);
      this.database.publish(
        { messageId: String(row["messageId"]), queue, type: String(row["type"]), body },
        1,
      );
      const run = this.database.find("runs", { runId: body["runId"] });
      if (run?.["state"] === "parked" && row["type"] === "run") {
        const opened = { kind: "transition", table: "runs", key: { runId: body["runId"] } } as const;
        void this.database.write([
          { writes: [{ ...opened, from: ["parked"], to: "open", set: { reason: "" } }], publish: [] },
        ]);
      }
    }
    return risen.length;
  }

  broadcast(topic: string, payload: unknown): void {
    for (const listener of this.#listeners.get(topic) ?? []) listener(asJson(payload));
  }

  onBroadcast(topic: string, listener: (payload: unknown) => void): () => void {
    const listeners = this.#listeners.get(topic) ?? new Set();
    this.#listeners.set(topic, listeners.add(listener));
    return () => void listeners.delete(listener);
  }
}

/** The broker as one process sees it. */
export class MemoryBus implements Bus {
  readonly unsent = 0;
  readonly capabilities: BusCapabilities = {
    ...{ transactional: true, unique: true, delay: true, browse: true, countsLeased: true, oldest: true },
  };

  constructor(
    private readonly broker: MemoryBroker,
    private readonly owner: string,
    private readonly clock: Clock,
  ) {
    broker.alive.add(owner);
  }

  consume(options: { queues: () => readonly string[]; concurrency: number; handler: Handler }): Consumer {
    return this.broker.add({ ...options, owner: this.owner, inFlight: 0, paused: false });
  }

  async publish(messages: readonly OutgoingMessage[]): Promise<void> {
    this.broker.database.reachable();
    for (const message of messages) this.broker.database.publish(message);
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
      const free = here.filter(({ token }) => token === undefined);
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

  async deadLetters(queue: string, limit: number): Promise<readonly DeadLetter[]> {
    const rows = this.broker.database.rows("deadLetters").filter((row) => row["queue"] === queue);
    return rows.slice(0, limit).map((row) => ({
      messageId: String(row["messageId"]),
      queue,
      reason: String(row["reason"]),
      diedAtMs: Number(row["diedAt"]),
      body: row["body"] as DeadLetter["body"],
    }));
  }

  replay(queue: string, messageIds?: readonly string[]): Promise<number> {
    return Promise.resolve(this.broker.replay(queue, messageIds));
  }

  async discard(messageIds: readonly string[]): Promise<number> {
    const dead = this.broker.database.rows("deadLetters");
    const gone = dead.filter((row) => messageIds.includes(String(row["messageId"])));
    for (const row of gone) this.broker.database.delete("deadLetters", row);
    return gone.length;
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
