/** The broker port on NATS JetStream: puts the parts together. */
import type {
  Broker,
  BrokerDepth,
  BrokerEvent,
  BrokerSubscription,
  BrokerTraits,
  Handed,
  Publication,
} from "../../../engine/ports/broker.js";
import { ValenceError } from "../../../engine/errors.js";
import type { Clock, Random } from "../../../engine/ports/clock.js";
import type { Telemetry } from "../../../engine/ports/telemetry.js";
import { Broadcast } from "./broadcast.js";
import { Connection } from "./connection.js";
import { QueueConsumer } from "./consumer.js";
import { type KeepMalformed, malformedIn } from "./malformed.js";
import { namesIn } from "./names.js";
import { Publisher } from "./publisher.js";
import { dedupeWindowMs, Streams } from "./streams.js";

/** What was given back at the end must reach the server; one that does not answer is not waited for. */
const closeMsMax = 2_000;

export interface NatsBrokerOptions {
  /** `nats://user:password@host:port`, `tls://…`; several hosts separated by commas. */
  readonly url: string;
  /** Before every stream and subject, so that several systems can share a server. Default `valence`. */
  readonly namespace?: string;
  /** Name of this process, shown among the server's connections. */
  readonly instance: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly telemetry: Telemetry;
  /** Copies of each message in a cluster: 1, 3 or 5. For streams that do not exist yet. Default 1. */
  readonly replicas?: number;
  /**
   * A message whose holder is silent for so long is handed out again. For consumers that do not exist yet; with a
   * shorter one, `working` must be said more often. Milliseconds, default 30 s.
   */
  readonly ackWaitMs?: number;
}

/** What JetStream has by nature. */
export const natsTraits: BrokerTraits = { kind: "nats", dedupeWindowMs, countsUnsettled: true };

export class NatsBroker implements Broker {
  readonly traits = natsTraits;
  readonly #connection: Connection;
  readonly #streams: Streams;
  readonly #keepMalformed: KeepMalformed;
  readonly #publisher: Publisher;
  readonly #broadcast: Broadcast;
  readonly #consumers = new Set<QueueConsumer>();
  #closing: Promise<void> | undefined;

  constructor(private readonly options: NatsBrokerOptions) {
    const { url, instance, clock, random, telemetry, replicas = 1, ackWaitMs = 30_000 } = options;
    const names = namesIn(options.namespace ?? "valence");
    this.#connection = new Connection({ url, name: instance, random, telemetry });
    const connection = this.#connection;
    this.#streams = new Streams({ connection, names, clock, random, replicas, ackWaitMs });
    this.#keepMalformed = malformedIn(connection, names, replicas);
    this.#publisher = new Publisher(connection, this.#streams, names, clock);
    this.#broadcast = new Broadcast(connection, names, telemetry);
  }

  get connected(): boolean {
    return this.#connection.connected;
  }

  open(): Promise<void> {
    return this.#connection.open();
  }

  on(listener: (event: BrokerEvent) => void): () => void {
    return this.#connection.on(listener);
  }

  send(publication: Publication): Promise<void> {
    return this.#publisher.send(publication);
  }

  subscribe(queue: string, prefetch: number, take: (handed: Handed) => void): BrokerSubscription {
    const { clock, random, telemetry } = this.options;
    const [connection, streams, keepMalformed] = [this.#connection, this.#streams, this.#keepMalformed];
    const consumer = new QueueConsumer({
      ...{ queue, prefetch, take, connection, streams, keepMalformed, clock, random, telemetry },
    });
    this.#consumers.add(consumer);
    return consumer;
  }

  depth(queue: string): Promise<BrokerDepth | undefined> {
    return this.#asking(() => this.#streams.depth(queue));
  }

  queues(): Promise<readonly string[]> {
    return this.#asking(() => this.#streams.queues());
  }

  broadcast(topic: string, payload: unknown): void {
    this.#broadcast.say(topic, payload);
  }

  onBroadcast(topic: string, listener: (payload: unknown) => void): () => void {
    return this.#broadcast.on(topic, listener);
  }

  close(): Promise<void> {
    return (this.#closing ??= this.#close());
  }

  async #close(): Promise<void> {
    let cancel = (): void => undefined;
    const limit = new Promise<void>((resolve) => (cancel = this.options.clock.after(closeMsMax, resolve)));
    await Promise.race([this.#letGo().catch(() => undefined), limit]);
    cancel();
    this.#streams.close();
    this.#publisher.abort("the broker connection is being closed");
    await this.#connection.close();
  }

  /** First what is on the way to this process, then what it holds: given back, nothing waits for its ack wait. */
  async #letGo(): Promise<void> {
    const consumers = [...this.#consumers];
    await Promise.all(consumers.map((consumer) => consumer.stop()));
    await Promise.all(consumers.map((consumer) => consumer.close()));
    if (this.connected) await this.#connection.link.nats.flush();
  }

  async #asking<T>(ask: () => Promise<T>): Promise<T> {
    try {
      return await ask();
    } catch (error) {
      if (error instanceof ValenceError) throw error;
      throw new ValenceError("broker_unreachable", `NATS does not answer: ${String(error)}`, {
        cause: error,
      });
    }
  }
}

/** Nothing is connected before `open`. */
export function createNatsBroker(options: NatsBrokerOptions): Broker {
  return new NatsBroker(options);
}
