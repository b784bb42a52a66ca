/**
 * One consumer's side: the permits of a set of queues. The broker hands over a bounded number of messages per queue;
 * they wait here until a permit is free, high priority first, suspects (suspects.ts) one at a time.
 *
 * A source (one queue of the broker) is `open` -> `closing` -> `closed`, and `open` again when resumed. Closing: it
 * was told to hand over nothing more; what still comes waits. Closed: nothing comes any more; what waited goes back,
 * and so does at once whatever turns up late. Only an open source is worked on.
 */
import type { Broker, BrokerSubscription, Handed } from "../ports/broker.js";
import type { Consumer, Delivery, Handler } from "../ports/bus.js";
import type { Clock } from "../ports/clock.js";
import { sleep } from "../ports/clock.js";
import type { Outbox } from "../ports/outbox.js";
import type { HeldMessage, HeldMessages } from "./held.js";
import { brokerQueue, priorityOf, queueOf } from "./names.js";
import type { Suspects } from "./suspects.js";

/** High priority is rare: a few of them wait here for the next permits, however few permits there are. */
const highPrefetch = 8;
/** How often it is looked whether queues have come or gone. Milliseconds. */
const queuesLookMs = 500;
/** What could not be looked up or counted (the database is away) goes back after this. Milliseconds. */
const unableMs = 1_000;
/** What its handler left unsettled comes again after this. Milliseconds. */
const abandonedMs = 5_000;

export interface IntakeOptions {
  readonly broker: Broker;
  readonly outbox: Outbox;
  readonly clock: Clock;
  readonly held: HeldMessages;
  readonly suspects: Suspects;
  readonly queues: () => readonly string[];
  readonly concurrency: number;
  readonly handler: Handler;
  /** Gives a message back through the outbox. */
  readonly release: (held: HeldMessage, delayMs: number) => Promise<void>;
  /** It is stopped and holds nothing any more. */
  readonly stopped: (intake: Intake) => void;
}

interface Source {
  readonly subscription: BrokerSubscription;
  state: "open" | "closing" | "closed";
}

/** A message in hand that is not at work yet. */
interface Waiting {
  readonly held: HeldMessage;
  readonly source: Source;
  /** Came again: its beginning is counted before it begins. */
  readonly suspect: boolean;
}

export class Intake implements Consumer {
  readonly #sources = new Map<string, Source>();
  /** For a permit, by priority; `alone`: for its turn among the suspects. */
  readonly #waiting: Readonly<Record<"high" | "normal" | "alone", Set<Waiting>>> = {
    high: new Set(),
    normal: new Set(),
    alone: new Set(),
  };
  readonly #working = new Set<HeldMessage>();
  #paused = false;
  #stopped = false;
  #cancelLook: () => void = () => undefined;

  constructor(private readonly options: IntakeOptions) {
    this.#lookAtQueues();
  }

  get inFlight(): number {
    return this.#working.size;
  }

  serves(queue: string): boolean {
    return !this.#paused && !this.#stopped && this.options.queues().includes(queue);
  }

  /** It takes no room: nothing is left to be done. */
  note(delivery: Delivery): void {
    void this.options.handler({ ...delivery, rest: Promise.resolve() }).catch(() => undefined);
  }

  pause(): void {
    if (this.#paused) return;
    this.#paused = true;
    for (const source of this.#sources.values()) void this.#close(source, source.subscription.pause());
  }

  resume(): void {
    if (!this.#paused || this.#stopped) return;
    this.#paused = false;
    for (const source of this.#sources.values()) {
      source.state = "open";
      source.subscription.resume();
    }
    // What had not gone back yet is worked on after all.
    this.#pump();
  }

  async stop(deadlineMs: number): Promise<void> {
    this.#stopped = true;
    this.#cancelLook();
    const { clock, held, suspects, stopped } = this.options;
    const giveUpAtMs = clock.monotonicMs() + deadlineMs;
    await Promise.all([...this.#sources.values()].map((each) => this.#close(each, each.subscription.stop())));
    while (this.#working.size > 0 && clock.monotonicMs() < giveUpAtMs) await sleep(clock, 10);
    for (const message of this.#working) {
      suspects.leave(message);
      held.nack(message);
    }
    stopped(this);
  }

  #lookAtQueues(): void {
    if (this.#stopped) return;
    const wanted = new Set(this.options.queues().flatMap((queue) => [brokerQueue(queue, "high"), queue]));
    for (const name of wanted) if (!this.#sources.has(name)) this.#open(name);
    // Every time: what could not be made known before, because the database was away, is now.
    void this.options.outbox.use([...new Set([...wanted].map(queueOf))]).catch(() => undefined);
    for (const [name, source] of this.#sources) {
      if (wanted.has(name)) continue;
      this.#sources.delete(name);
      void this.#close(source, source.subscription.stop());
    }
    this.#cancelLook = this.options.clock.after(queuesLookMs, () => {
      this.#lookAtQueues();
    });
  }

  /** A broker hands over later, never before `subscribe` has returned. */
  #open(name: string): void {
    const { broker, concurrency } = this.options;
    const prefetch = priorityOf(name) === "high" ? highPrefetch : concurrency;
    const subscription = broker.subscribe(name, prefetch, (handed) => {
      this.#take(handed, name, source);
    });
    const source: Source = { subscription, state: "open" };
    this.#sources.set(name, source);
    if (this.#paused) void this.#close(source, subscription.pause());
  }

  /** @param quiet resolves when nothing more will be handed over */
  async #close(source: Source, quiet: Promise<void>): Promise<void> {
    source.state = "closing";
    await quiet;
    // Otherwise it was resumed meanwhile.
    if (this.#isOpen(source)) return;
    source.state = "closed";
    for (const list of Object.values(this.#waiting))
      for (const waiting of [...list]) {
        if (waiting.source !== source) continue;
        list.delete(waiting);
        this.#giveBack(waiting.held);
      }
  }

  #isOpen(source: Source): boolean {
    return source.state === "open";
  }

  #giveBack(held: HeldMessage): void {
    this.options.suspects.leave(held);
    this.options.held.nack(held);
  }

  #take(handed: Handed, name: string, source: Source): void {
    const held = this.options.held.take(handed, name);
    if (!held) return;
    if (handed.redelivered) void this.#takeSuspect({ held, source, suspect: true });
    else this.#buffer({ held, source, suspect: false });
  }

  async #takeSuspect(waiting: Waiting): Promise<void> {
    const { suspects } = this.options;
    const { held } = waiting;
    let alone: boolean;
    try {
      alone = await suspects.examine(held);
    } catch {
      return this.#giveBackLater(held);
    }
    if (waiting.source.state === "closed") this.#giveBack(held);
    else if (!alone) this.#buffer(waiting);
    else {
      this.#waiting.alone.add(waiting);
      suspects.enter(held, () => {
        this.#waiting.alone.delete(waiting);
        this.#buffer(waiting);
      });
    }
  }

  /** Not at once: the broker would hand it out again at once. */
  async #giveBackLater(held: HeldMessage): Promise<void> {
    await sleep(this.options.clock, unableMs);
    this.#giveBack(held);
  }

  #buffer(waiting: Waiting): void {
    if (waiting.source.state === "closed") return this.#giveBack(waiting.held);
    this.#waiting[priorityOf(waiting.held.source)].add(waiting);
    this.#pump();
  }

  #pump(): void {
    for (const list of [this.#waiting.high, this.#waiting.normal]) {
      for (const waiting of list) {
        if (this.#working.size >= this.options.concurrency) return;
        if (waiting.source.state !== "open") continue;
        list.delete(waiting);
        this.#working.add(waiting.held);
        void this.#work(waiting);
      }
    }
  }

  async #work({ held, suspect }: Waiting): Promise<void> {
    const { handler, suspects } = this.options;
    let uncounted = false;
    try {
      if (suspect) await suspects.begin(held).catch(() => (uncounted = true));
      if (!uncounted) await handler(this.#deliveryOf(held));
    } catch {
      // Handlers settle their own failures; what escapes leaves the message unsettled.
    } finally {
      this.#working.delete(held);
      suspects.leave(held);
      void (uncounted ? this.#giveBackLater(held) : this.#abandonUnsettled(held));
      this.#pump();
    }
  }

  /**
   * Nobody settled it: it comes again in a while, as after a lease that runs out, and its place is free for others.
   * Should the outbox not take it either (the database is away), the broker gets it back.
   */
  async #abandonUnsettled(held: HeldMessage): Promise<void> {
    if (!this.options.held.has(held)) return;
    try {
      await this.options.release(held, abandonedMs);
    } catch {
      await this.#giveBackLater(held);
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
}
