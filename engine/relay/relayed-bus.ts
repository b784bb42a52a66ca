/**
 * The bus on a broker beside the database. What the broker does by nature it does; everything a payment relies on is
 * made here and in the database, the same for every broker: publications are committed in the outbox before they are
 * sent, delays wait there, dead letters are rows, deliveries are counted by us.
 *
 * And if something dies? The process, between commit and send: another takes its rows from the outbox. The process,
 * between commit and answer: the message comes again and its work is found done. The broker: sends wait, are sent
 * again, and consumers come back by themselves. The database: work cannot commit, messages go back to the broker.
 */
import { limits } from "../limits.js";
import type { Broker, BrokerTraits, Publication } from "../ports/broker.js";
import type {
  Browsed,
  Bus,
  BusCapabilities,
  Consumer,
  DeadLetter,
  Delivery,
  Handler,
  Held,
  Outgoing,
  OutgoingMessage,
  QueueDepth,
  RelayDesk,
} from "../ports/bus.js";
import type { Clock, Random } from "../ports/clock.js";
import type { DeadLetterBox, Outbox, TakenPublication } from "../ports/outbox.js";
import type { Telemetry } from "../ports/telemetry.js";
import { Collector } from "./collector.js";
import { depthsOf } from "./depths.js";
import { HeldMessages } from "./held.js";
import { Intake } from "./intake.js";
import { brokerQueue, priorityOf, queueOf } from "./names.js";
import { Sender } from "./sender.js";
import { Suspects } from "./suspects.js";

export interface RelayedBusOptions {
  readonly broker: Broker;
  readonly outbox: Outbox;
  readonly letters: DeadLetterBox;
  readonly clock: Clock;
  readonly random: Random;
  readonly telemetry: Telemetry;
  /** UUID of this process. */
  readonly instance: string;
  /** How often the outbox is looked at for what is due. Milliseconds; 0: never, for processes with a narrow role. */
  readonly collectEveryMs: number;
}

/** How often brokers that take messages back from the silent hear that work goes on. Milliseconds. */
const workingEveryMs = 8_000;
const closeDeadlineMs = 2_000;

/** What a broker beside the database adds to nothing, takes from something, or leaves as it is. */
export const relayedCapabilities = ({ countsUnsettled }: BrokerTraits): BusCapabilities => ({
  transactional: false,
  unique: false,
  delay: false,
  browse: false,
  countsLeased: countsUnsettled,
  oldest: false,
});

interface Heard {
  readonly from: string;
  readonly payload: unknown;
}

export class RelayedBus implements Bus, RelayDesk {
  readonly kind = "relay";
  readonly capabilities: BusCapabilities;
  readonly #sender: Sender;
  readonly #collector: Collector;
  readonly #held = new HeldMessages();
  readonly #suspects: Suspects;
  readonly #intakes = new Set<Intake>();
  readonly #listeners = new Map<string, Set<(payload: unknown) => void>>();
  #cancelWorking: () => void = () => undefined;
  #closed = false;

  constructor(private readonly options: RelayedBusOptions) {
    const { broker, outbox, clock, telemetry } = options;
    this.capabilities = relayedCapabilities(broker.traits);
    this.#sender = new Sender(broker, outbox, clock, telemetry);
    this.#suspects = new Suspects(outbox);
    this.#collector = new Collector({
      outbox,
      clock,
      telemetry,
      everyMs: options.collectEveryMs,
      isKnown: (id) => this.#sender.knows(id),
      hasLeft: () => this.#sender.takeLeft(),
      ready: () => broker.connected && this.#sender.hasRoom,
      take: (taken) => {
        this.#sender.send(taken.map(atBroker));
      },
    });
    broker.on((event) => {
      if (event.kind === "disconnected") telemetry.log("warn", { event: "broker.lost", why: event.why });
      if (event.kind === "connected") telemetry.log("info", { event: "broker.connected" });
      if (event.kind === "recovered")
        telemetry.log("warn", { event: "broker.recovered", what: event.what, why: event.why });
    });
  }

  /** Committed and not confirmed by the broker yet. */
  get unsent(): number {
    return this.#sender.unsent;
  }

  async open(): Promise<void> {
    await this.options.broker.open();
    if (this.options.collectEveryMs > 0) this.#collector.start();
    this.#sayWorking();
  }

  consume(subscription: {
    queues: () => readonly string[];
    concurrency: number;
    handler: Handler;
  }): Consumer {
    const { broker, outbox, clock } = this.options;
    const intake = new Intake({
      broker,
      outbox,
      clock,
      held: this.#held,
      suspects: this.#suspects,
      release: ({ messageId, token, source }, delayMs) =>
        this.release({ messageId, token, queue: queueOf(source) }, delayMs),
      stopped: (it) => this.#intakes.delete(it),
      ...subscription,
    });
    this.#intakes.add(intake);
    return intake;
  }

  async publish(messages: readonly OutgoingMessage[]): Promise<void> {
    const outgoing = messages.map((message) => this.prepare(message));
    await this.options.outbox.add(outgoing);
    this.committed(outgoing, []);
  }

  async release(held: Held, delayMs: number, { blame = true }: { blame?: boolean } = {}): Promise<void> {
    const message = this.#held.get(held.messageId, held.token);
    if (!message) return;
    const { publication } = message.handed;
    const { expiresAtMs } = publication;
    const outgoing: Outgoing = {
      publicationId: this.options.random.id(),
      deliveryCount: message.deliveryCount - (blame ? 0 : 1),
      message: {
        ...publication,
        queue: queueOf(message.source),
        priority: priorityOf(message.source),
        delayMs,
        ...(expiresAtMs === undefined
          ? {}
          : { expiresInMs: Math.max(0, expiresAtMs - this.options.clock.nowMs()) }),
      },
    };
    // First the new one, then the old: in between there are two, which is harmless; the other way round, none.
    await this.options.outbox.add([outgoing]);
    this.committed([outgoing], [held]);
  }

  serves(queue: string): boolean {
    return [...this.#intakes].some((intake) => intake.serves(queue));
  }

  /** What a broker has handed over counts against the queue it came from until it is settled. */
  permit(): undefined {
    return undefined;
  }

  note(delivery: Delivery): void {
    [...this.#intakes].find((intake) => intake.serves(delivery.queue))?.note(delivery);
  }

  async depths(): Promise<readonly QueueDepth[]> {
    const { broker, outbox, letters } = this.options;
    return depthsOf(broker, outbox, await letters.counts(), this.#held);
  }

  browse(queue: string, limit: number): Promise<readonly Browsed[]> {
    return this.options.outbox.browse(queue, limit);
  }

  deadLetters(queue: string, limit: number): Promise<readonly DeadLetter[]> {
    return this.options.letters.list(queue, limit);
  }

  async replay(queue: string, messageIds?: readonly string[]): Promise<number> {
    const count = await this.options.letters.replay(queue, messageIds);
    if (count > 0) this.#collector.soon();
    return count;
  }

  discard(messageIds: readonly string[]): Promise<number> {
    return this.options.letters.discard(messageIds);
  }

  async queues(prefix: string): Promise<readonly string[]> {
    return (await this.options.outbox.queues()).filter((queue) => queue.startsWith(prefix));
  }

  broadcast(topic: string, payload: unknown): void {
    const listeners = this.#listeners.get(topic);
    for (const listener of listeners ?? []) this.#tell(topic, listener, payload);
    // A reply belongs to one process.
    if (topic.startsWith("reply.") && listeners !== undefined && listeners.size > 0) return;
    const said: Heard = { from: this.options.instance, payload };
    const bytes = Buffer.byteLength(JSON.stringify(said));
    // A reply that does not fit becomes a 202 and the integrator reads the order.
    if (bytes > limits.messageBytesMax)
      this.options.telemetry.log("warn", { event: "broadcast.dropped", topic, bytes });
    else this.options.broker.broadcast(topic, said);
  }

  onBroadcast(topic: string, listener: (payload: unknown) => void): () => void {
    const known = this.#listeners.get(topic);
    const listeners = known ?? new Set();
    listeners.add(listener);
    if (!known) {
      this.#listeners.set(topic, listeners);
      this.options.broker.onBroadcast(topic, (said) => {
        const { from, payload } = said as Heard;
        if (from === this.options.instance) return;
        for (const each of this.#listeners.get(topic) ?? []) this.#tell(topic, each, payload);
      });
    }
    return () => listeners.delete(listener);
  }

  /** Consumers are stopped by their owners first; what they left goes back. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#cancelWorking();
    await Promise.all([...this.#intakes].map((intake) => intake.stop(0)));
    await this.#collector.stop();
    await this.#sender.close(closeDeadlineMs);
    await this.options.broker.close();
  }

  // -- RelayDesk

  prepare(message: OutgoingMessage): Outgoing {
    return { message, publicationId: this.options.random.id(), deliveryCount: 0 };
  }

  committed(outgoing: readonly Outgoing[], settled: readonly Held[]): void {
    const nowMs = this.options.clock.nowMs();
    const due = outgoing.filter(({ message }) => (message.delayMs ?? 0) <= 0);
    this.#sender.send(due.map((each) => publicationOf(each, nowMs)));
    const suspects: string[] = [];
    for (const { messageId, token } of settled) {
      const message = this.#held.get(messageId, token);
      if (!message) continue;
      if (message.handed.redelivered) suspects.push(messageId);
      this.#held.ack(message);
    }
    this.#suspects.settled(suspects);
  }

  #tell(topic: string, listener: (payload: unknown) => void, payload: unknown): void {
    try {
      listener(payload);
    } catch (error) {
      // Who speaks may be in the middle of a commit: it is not to suffer from who listens.
      this.options.telemetry.log("warn", {
        event: "broadcast.listener-failed",
        topic,
        detail: String(error),
      });
    }
  }

  #sayWorking(): void {
    if (this.#closed) return;
    this.#cancelWorking = this.options.clock.after(workingEveryMs, () => {
      for (const held of this.#held.all()) for (const handed of held.handings) handed.working();
      this.#sayWorking();
    });
  }
}

/** What the broker gets. */
export const publicationOf = (
  { message, publicationId, deliveryCount }: Outgoing,
  readyAtMs: number,
): Publication => ({
  publicationId,
  messageId: message.messageId,
  queue: brokerQueue(message.queue, message.priority),
  type: message.type,
  body: message.body,
  ...(message.correlationId === undefined ? {} : { correlationId: message.correlationId }),
  ...(message.replyTo === undefined ? {} : { replyTo: message.replyTo }),
  deliveryCount,
  readyAtMs,
  ...(message.expiresInMs === undefined ? {} : { expiresAtMs: readyAtMs + message.expiresInMs }),
});

const atBroker = ({ publication, priority }: TakenPublication): Publication => ({
  ...publication,
  queue: brokerQueue(publication.queue, priority),
});
