/**
 * One consumer's side: the permits of a set of queues. The broker hands over a bounded number of messages per queue;
 * they wait here until a permit is free, high priority first.
 *
 * A message that comes again after its process died may be the one that killed it. Its first repetition runs like any
 * other, counted before it begins; from the second on such messages run one at a time, so that of all that died
 * together only the guilty one goes on counting towards the dead letters.
 */
import type { Broker, BrokerSubscription, Handed } from "../ports/broker.js";
import type { Consumer, Delivery, Handler } from "../ports/bus.js";
import type { Clock } from "../ports/clock.js";
import { sleep } from "../ports/clock.js";
import type { Outbox } from "../ports/outbox.js";
import type { HeldMessage, HeldMessages } from "./held.js";
import { brokerQueue, priorityOf, queueOf } from "./names.js";

/** High priority is rare: a few of them wait here for the next permits, however few permits there are. */
const highPrefetch = 8;
/** How often it is looked whether queues have come or gone. Milliseconds. */
const queuesLookMs = 500;
/** What could not be looked up (the database is away) goes back after this. Milliseconds. */
const unableMs = 1_000;
/** What its handler left unsettled comes again after this. Milliseconds. */
const abandonedMs = 5_000;

export interface IntakeOptions {
  readonly broker: Broker;
  readonly outbox: Outbox;
  readonly clock: Clock;
  readonly held: HeldMessages;
  readonly queues: () => readonly string[];
  readonly concurrency: number;
  readonly handler: Handler;
  /** Gives a message back through the outbox. */
  readonly release: (held: HeldMessage, delayMs: number) => Promise<void>;
}

export class Intake implements Consumer {
  readonly #subscriptions = new Map<string, BrokerSubscription>();
  /** Waiting for a permit, by priority. */
  readonly #buffered: Readonly<Record<"high" | "normal", Set<HeldMessage>>> = {
    high: new Set(),
    normal: new Set(),
  };
  readonly #working = new Set<HeldMessage>();
  readonly #suspects: HeldMessage[] = [];
  #alone: HeldMessage | undefined;
  #paused = false;
  #stopped = false;
  #cancelLook: () => void = () => undefined;

  constructor(private readonly options: IntakeOptions) {
    this.#lookAtQueues();
  }

  get inFlight(): number {
    return this.#working.size;
  }

  pause(): void {
    if (this.#paused) return;
    this.#paused = true;
    void this.#quiet();
  }

  resume(): void {
    if (!this.#paused || this.#stopped) return;
    this.#paused = false;
    for (const subscription of this.#subscriptions.values()) subscription.resume();
  }

  async stop(deadlineMs: number): Promise<void> {
    this.#stopped = true;
    this.#cancelLook();
    const { clock, held } = this.options;
    const giveUpAtMs = clock.monotonicMs() + deadlineMs;
    await Promise.all([...this.#subscriptions.values()].map((subscription) => subscription.stop()));
    this.#giveBack();
    while (this.#working.size > 0 && clock.monotonicMs() < giveUpAtMs) await sleep(clock, 10);
    for (const message of this.#working) held.nack(message);
  }

  #lookAtQueues(): void {
    if (this.#stopped) return;
    const wanted = new Set(this.options.queues().flatMap((queue) => [brokerQueue(queue, "high"), queue]));
    const news = [...wanted].filter((name) => !this.#subscriptions.has(name));
    for (const name of news) this.#subscribe(name);
    if (news.length > 0) void this.options.outbox.use(news.map(queueOf)).catch(() => undefined);
    for (const [name, subscription] of this.#subscriptions) {
      if (wanted.has(name)) continue;
      this.#subscriptions.delete(name);
      void subscription.stop().then(() => {
        this.#giveBack(name);
      });
    }
    this.#cancelLook = this.options.clock.after(queuesLookMs, () => {
      this.#lookAtQueues();
    });
  }

  #subscribe(name: string): void {
    const { broker, concurrency } = this.options;
    const prefetch = priorityOf(name) === "high" ? highPrefetch : concurrency;
    const subscription = broker.subscribe(name, prefetch, (handed) => {
      this.#take(handed, name);
    });
    this.#subscriptions.set(name, subscription);
    if (this.#paused) void subscription.pause();
  }

  #take(handed: Handed, source: string): void {
    if (this.#stopped || this.#paused) {
      handed.nack();
      return;
    }
    const held = this.options.held.take(handed, source);
    if (!held) return;
    if (handed.redelivered) void this.#takeSuspect(held);
    else this.#buffer(held);
  }

  #buffer(held: HeldMessage): void {
    this.#buffered[priorityOf(held.source)].add(held);
    this.#pump();
  }

  async #takeSuspect(held: HeldMessage): Promise<void> {
    const { outbox, clock, held: all } = this.options;
    try {
      const beginnings = await outbox.suspicion(held.messageId);
      // The delivery that ended unseen, those that began again since, and this one.
      held.deliveryCount += 1 + beginnings;
      if (beginnings > 0) {
        this.#suspects.push(held);
        await this.#nextSuspect();
      } else {
        await outbox.suspect(held.messageId);
        this.#buffer(held);
      }
    } catch {
      await sleep(clock, unableMs);
      all.nack(held);
    }
  }

  async #nextSuspect(): Promise<void> {
    if (this.#alone) return;
    const held = this.#suspects.shift();
    if (!held) return;
    this.#alone = held;
    try {
      await this.options.outbox.suspect(held.messageId);
    } catch (error) {
      this.#alone = undefined;
      this.options.held.nack(held);
      throw error;
    }
    this.#buffer(held);
  }

  #pump(): void {
    for (const buffer of [this.#buffered.high, this.#buffered.normal]) {
      for (const held of buffer) {
        if (this.#stopped || this.#paused || this.#working.size >= this.options.concurrency) return;
        buffer.delete(held);
        this.#working.add(held);
        void this.#work(held);
      }
    }
  }

  async #work(held: HeldMessage): Promise<void> {
    try {
      await this.options.handler(this.#deliveryOf(held));
    } catch {
      // Handlers settle their own failures; what escapes leaves the message unsettled.
    } finally {
      this.#working.delete(held);
      if (this.#alone === held) {
        this.#alone = undefined;
        void this.#nextSuspect().catch(() => undefined);
      }
      void this.#abandonUnsettled(held);
      this.#pump();
    }
  }

  /**
   * Nobody settled it: it comes again in a while, as after a lease that runs out, and its place is free for others.
   * Should the outbox not take it either (the database is away), the broker gets it back.
   */
  async #abandonUnsettled(held: HeldMessage): Promise<void> {
    const { held: all, clock, release } = this.options;
    if (all.get(held.messageId, held.token) !== held) return;
    try {
      await release(held, abandonedMs);
    } catch {
      await sleep(clock, unableMs);
      if (all.get(held.messageId, held.token) === held) all.nack(held);
    }
  }

  #deliveryOf(held: HeldMessage): Delivery {
    const { messageId, type, body, correlationId, replyTo, readyAtMs, expiresAtMs } = held.handed.publication;
    const nowMs = this.options.clock.nowMs();
    return {
      messageId,
      queue: queueOf(held.source),
      token: held.token,
      type,
      body,
      ...(correlationId === undefined ? {} : { correlationId }),
      ...(replyTo === undefined ? {} : { replyTo }),
      deliveryCount: held.deliveryCount,
      expired: expiresAtMs !== undefined && expiresAtMs <= nowMs,
      queueWaitMs: Math.max(0, nowMs - readyAtMs),
    };
  }

  async #quiet(): Promise<void> {
    await Promise.all([...this.#subscriptions.values()].map((subscription) => subscription.pause()));
    if (this.#paused) this.#giveBack();
  }

  /** What waits for a permit goes back, for others to take. */
  #giveBack(source?: string): void {
    for (const buffer of [this.#buffered.high, this.#buffered.normal, this.#suspects]) {
      for (const held of [...buffer]) {
        if (source !== undefined && held.source !== source) continue;
        if (Array.isArray(buffer)) buffer.splice(buffer.indexOf(held), 1);
        else buffer.delete(held);
        if (this.#alone === held) this.#alone = undefined;
        this.options.held.nack(held);
      }
    }
  }
}
