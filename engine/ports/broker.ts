/**
 * The broker port: what `RelayedBus` (engine/relay) needs of a message broker beside the database. A broker stores
 * and hands out; it decides nothing. Leases, delays, dead letters, counting and the two priorities are made above
 * this port, the same way for every broker, so an adapter is a connection, a publisher and a consumer that survive.
 *
 * A queue exists by being named: whoever sends to it or consumes it first makes it, durable. Names are the engine's
 * (`flow.pay`, `channel.x.follow`, `flow.pay!high`); an adapter prefixes and escapes them as its broker wants.
 */

/** One publication of a message. The same message may be published again; it then has another `publicationId`. */
export interface Publication {
  /** Unique per publication: what a broker that drops duplicates may go by. */
  readonly publicationId: string;
  /** The message's own id, the same for every publication of it. */
  readonly messageId: string;
  readonly queue: string;
  readonly type: string;
  readonly body: Readonly<Record<string, unknown>>;
  readonly correlationId?: string;
  readonly replyTo?: string;
  /** Deliveries that count and happened before this publication. */
  readonly deliveryCount: number;
  /** Epoch milliseconds from which it could be delivered: when it was published, or when its delay had passed. */
  readonly readyAtMs: number;
  /** Epoch milliseconds after which it is to be buried. The broker itself never drops it. */
  readonly expiresAtMs?: number;
}

/** One handing-out. Settled at most once; a late settlement over a connection that is gone does nothing. */
export interface Handed {
  readonly publication: Publication;
  /** Handed out before without an answer: a process died, a connection was cut, an answer took too long. */
  readonly redelivered: boolean;
  /** Done with: it never comes again. Never rejects. */
  ack(): void;
  /** Given back, to be handed out again at once. Never rejects. */
  nack(): void;
  /** Work goes on: brokers that take a message back from the silent hear it; the others need nothing. */
  working(): void;
}

export interface BrokerSubscription {
  /**
   * Takes nothing new; resolves when nothing more will be handed over. What was handed over can still be settled.
   * `resume` takes up again. Both survive reconnects.
   */
  pause(): Promise<void>;
  resume(): void;
  /** `pause`, for good. What was handed over can still be settled until the broker is closed. */
  stop(): Promise<void>;
}

export interface BrokerDepth {
  readonly ready: number;
  /** Handed out and not settled, by any process; absent where the broker does not say. */
  readonly unsettled?: number;
}

export interface BrokerTraits {
  /** `amqp`, `nats`. */
  readonly kind: string;
  /** A second publication with the same `publicationId` within this time is dropped; 0: never. Milliseconds. */
  readonly dedupeWindowMs: number;
  /** `depth` says how many are handed out and unsettled. */
  readonly countsUnsettled: boolean;
}

/** What the broker lets the process know about its connection. */
export type BrokerEvent =
  | { readonly kind: "connected" }
  | { readonly kind: "disconnected"; readonly why: string }
  /** The broker took a consumer or channel away and it was made again: a queue was deleted, a channel was closed. */
  | { readonly kind: "recovered"; readonly what: string; readonly why: string };

export interface Broker {
  readonly traits: BrokerTraits;
  /** False while there is no usable connection; it comes back by itself, for as long as it takes. */
  readonly connected: boolean;
  /** Connects. @throws ValenceError `broker_unreachable` when the first connection fails. */
  open(): Promise<void>;
  on(listener: (event: BrokerEvent) => void): () => void;
  /**
   * Resolves when the broker has it durably in the queue, however many are under way at once. Rejects when that is
   * not known or known not to be (connection lost, refused, unroutable): the caller sends it again.
   */
  send(publication: Publication): Promise<void>;
  /**
   * Hands messages of `queue` to `take`, oldest first, at most `prefetch` unsettled ones at a time. Consumers that the
   * broker cancels, channels it closes and queues that somebody deletes are made again.
   */
  subscribe(queue: string, prefetch: number, take: (handed: Handed) => void): BrokerSubscription;
  /** @returns undefined for a queue that does not exist. @throws ValenceError `broker_unreachable` */
  depth(queue: string): Promise<BrokerDepth | undefined>;
  /** Names of the queues that exist, where the broker can tell; else those this process has used. */
  queues(): Promise<readonly string[]>;
  /** Non-durable, to every process (this one included or not, as it comes); lost when the broker is away. */
  broadcast(topic: string, payload: unknown): void;
  onBroadcast(topic: string, listener: (payload: unknown) => void): () => void;
  /** Unsettled messages go back to their queues. */
  close(): Promise<void>;
}
