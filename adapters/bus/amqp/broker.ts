/**
 * RabbitMQ (3.10 or later) as a Broker: quorum queues, confirms, and everything made again when it was lost.
 *
 * Two connections: a server that is short of memory or disk stops reading from whoever sends, and would leave the
 * acknowledgements that could help it unread if they came over the same one.
 */
import type {
  Broker,
  BrokerDepth,
  BrokerEvent,
  BrokerSubscription,
  BrokerTraits,
  Handed,
  Publication,
} from "../../../engine/ports/broker.js";
import { Broadcast } from "./broadcast.js";
import { encode } from "./codec.js";
import { Connection } from "./connection.js";
import { Consumer } from "./consumer.js";
import { textOf, unreachable } from "./failure.js";
import { type AmqpBrokerOptions, defaults } from "./options.js";
import { Publisher } from "./publisher.js";
import { setAside } from "./set-aside.js";
import { Topology } from "./topology.js";

/** What RabbitMQ has by nature. */
export const amqpTraits: BrokerTraits = { kind: "amqp", dedupeWindowMs: 0, countsUnsettled: false };

/** The exchange of broadcasts, after the namespace. */
const broadcastExchange = "broadcast";

class AmqpBroker implements Broker {
  readonly traits = amqpTraits;
  readonly #sending: Connection;
  readonly #receiving: Connection;
  readonly #topology: Topology;
  readonly #publisher: Publisher;
  readonly #broadcast: Broadcast;
  readonly #consumers = new Set<Consumer>();
  readonly #listeners = new Set<(event: BrokerEvent) => void>();
  /** What the listeners were told last. */
  #told = false;
  #closed: Promise<void> | undefined;

  constructor(private readonly options: AmqpBrokerOptions) {
    const namespace = options.namespace ?? defaults.namespace;
    this.#sending = this.#connection("sends");
    this.#receiving = this.#connection("receives");
    const watched = { ...options, changed: (why: string) => this.#changed(why) };
    this.#topology = new Topology(this.#receiving, namespace, watched);
    const sendMsMax = options.sendMsMax ?? defaults.sendMsMax;
    this.#publisher = new Publisher(this.#sending, this.#topology, { ...watched, sendMsMax });
    const connections = { sending: this.#sending, receiving: this.#receiving };
    this.#broadcast = new Broadcast(connections, `${namespace}.${broadcastExchange}`, watched);
    for (const connection of [this.#sending, this.#receiving])
      connection.listen({ changed: watched.changed });
  }

  get connected(): boolean {
    return !this.#closed && this.#publisher.ready && this.#topology.ready && !this.#sending.blocked;
  }

  async open(): Promise<void> {
    try {
      await this.#sending.open();
      await this.#receiving.open();
      await this.#ready();
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  on(listener: (event: BrokerEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async send(publication: Publication): Promise<void> {
    await this.#publisher.send(publication.queue, publication.publicationId, encode(publication));
  }

  subscribe(queue: string, prefetch: number, take: (handed: Handed) => void): BrokerSubscription {
    const surroundings = this.options;
    const consumer = new Consumer(this.#receiving, this.#topology, {
      ...surroundings,
      queue,
      prefetch,
      take,
      setAside: (stray, isHeld) => setAside(stray, isHeld, { publisher: this.#publisher, surroundings }),
      tell: (event) => this.#tell(event),
      ended: () => this.#consumers.delete(consumer),
    });
    this.#consumers.add(consumer);
    return consumer;
  }

  async depth(queue: string): Promise<BrokerDepth | undefined> {
    const ready = await this.#topology.readyIn(queue);
    return ready === undefined ? undefined : { ready };
  }

  queues(): Promise<readonly string[]> {
    return Promise.resolve(this.#topology.used);
  }

  broadcast(topic: string, payload: unknown): void {
    this.#broadcast.say(topic, payload);
  }

  onBroadcast(topic: string, listener: (payload: unknown) => void): () => void {
    return this.#broadcast.on(topic, listener);
  }

  close(): Promise<void> {
    return (this.#closed ??= this.#close());
  }

  async #close(): Promise<void> {
    const msMax = this.options.closeMsMax ?? defaults.closeMsMax;
    this.#topology.close();
    this.#broadcast.close();
    const stopped = Promise.all([...this.#consumers].map((consumer) => consumer.stop()));
    await this.#publisher.close(msMax / 2);
    await Promise.race([stopped, this.#after(msMax / 10)]);
    await Promise.all([this.#sending, this.#receiving].map((connection) => connection.close(msMax / 2)));
  }

  #after(ms: number): Promise<void> {
    return new Promise((resolve) => void this.options.clock.after(ms, resolve));
  }

  #connection(does: string): Connection {
    const { url, instance } = this.options;
    return new Connection({
      ...this.options,
      url,
      name: `valence ${instance} ${does}`,
      heartbeatMs: this.options.heartbeatMs ?? defaults.heartbeatMs,
      connectMsMax: this.options.connectMsMax ?? defaults.connectMsMax,
    });
  }

  /** Connections are open; the channels on them follow at once, unless this user may not make what we need. */
  async #ready(): Promise<void> {
    const { clock } = this.options;
    const deadlineMs = clock.monotonicMs() + (this.options.connectMsMax ?? defaults.connectMsMax);
    while (!(this.connected && this.#broadcast.ready)) {
      if (clock.monotonicMs() > deadlineMs) {
        throw unreachable(`connected, but not ready: ${this.#publisher.trouble}; ${this.#topology.trouble}`);
      }
      await this.#after(5);
    }
  }

  #changed(why: string): void {
    if (this.connected === this.#told) return;
    this.#told = this.connected;
    this.#tell(this.#told ? { kind: "connected" } : { kind: "disconnected", why });
  }

  #tell(event: BrokerEvent): void {
    for (const listener of this.#listeners) {
      try {
        listener(event);
      } catch (error) {
        this.options.telemetry.log("warn", { event: "broker.listener-failed", why: textOf(error) });
      }
    }
  }
}

/** Not connected yet: `open` does that. */
export const createAmqpBroker = (options: AmqpBrokerOptions): Broker => new AmqpBroker(options);
