/**
 * The bus port: JMS semantics, whichever broker carries them. Delivery is at least once; the journal makes it
 * effective once. Nothing above this port asks which broker it is on: what one lacks is a capability flag.
 */

export type Priority = "normal" | "high";

/** The JMS headers under their own names where they exist, plus the body. */
export interface OutgoingMessage {
  readonly messageId: string;
  readonly queue: string;
  /** JMSType: `run` starts or continues a run, `signal` is for a waiting run. */
  readonly type: string;
  readonly body: Readonly<Record<string, unknown>>;
  readonly correlationId?: string;
  readonly replyTo?: string;
  readonly priority?: Priority;
  /** Earliest delivery, milliseconds from the commit. */
  readonly delayMs?: number;
  /** The message is dead-lettered instead of delivered after this many milliseconds. */
  readonly expiresInMs?: number;
  /** Insert it already claimed by this process, which holds a permit of the queue. A hint the bus may ignore. */
  readonly claim?: boolean;
}

/** Proof of ownership of a delivery; only the current token settles. */
export interface Held {
  readonly messageId: string;
  readonly queue: string;
  readonly token: string;
}

export interface Delivery extends Held {
  readonly type: string;
  readonly body: Readonly<Record<string, unknown>>;
  readonly correlationId?: string;
  readonly replyTo?: string;
  /** 1 on the first delivery. A hint: the fence is the proof. */
  readonly deliveryCount: number;
  /** The message outlived its expiration: it is to be buried, not worked on. */
  readonly expired: boolean;
  /** Milliseconds the message waited, from when it became deliverable. */
  readonly queueWaitMs: number;
  /** Work on it has begun under another consumer of this process and goes on here until this is settled. */
  readonly rest?: Promise<void>;
}

/**
 * Lets a commit insert a message already claimed by this process. Asked when the batch is written, so that a permit
 * is never held while the unit waits; told afterwards whether the message exists.
 */
export interface ClaimDesk {
  readonly kind: "claim";
  /** A lease token when a local consumer of the queue has room, which is then taken. */
  reserve(queue: string): string | undefined;
  /** Committed: hands the message to the consumer. */
  deliver(message: OutgoingMessage, token: string): void;
  /** Not committed: gives the room back. */
  cancel(queue: string, token: string): void;
  /** Messages were committed unclaimed to these queues: wakes whoever serves them. */
  wake(queues: ReadonlySet<string>): void;
}

/** One publication of a message. `delayMs` counts from the commit; without delay it is sent at once, by who commits it. */
export interface Outgoing {
  readonly message: OutgoingMessage;
  readonly publicationId: string;
  /** Deliveries that count and happened before. */
  readonly deliveryCount: number;
}

/**
 * What a commit tells a bus whose broker stands beside the database. Published messages are rows of the outbox in the
 * commit; the message worked on is settled at the broker after it. A process that dies in between leaves a row that
 * somebody sends again, or a message that comes again and finds its work done.
 */
export interface RelayDesk {
  readonly kind: "relay";
  /** A commit is about to hold this publication. */
  prepare(message: OutgoingMessage): Outgoing;
  /** Committed: what is to be sent, and what is done with. */
  committed(outgoing: readonly Outgoing[], settled: readonly Held[]): void;
}
export type CommitDesk = ClaimDesk | RelayDesk;

/** Room of a queue's consumer in this process, taken before the work that will use it is known to go on. */
export interface Permit {
  /**
   * Moves a delivery that is being worked on to that consumer, whose handler is called with it and waits for `rest`;
   * the consumer it came with has its room back as soon as its own handler returns.
   */
  take(delivery: Delivery, rest: Promise<void>): void;
  /** Nothing will come: gives the room back. */
  cancel(): void;
}

/** Settles the delivery itself, by commit, `release` or `bury`; a handler that throws has its message released. */
export type Handler = (delivery: Delivery) => Promise<void>;

export interface Consumer {
  pause(): void;
  resume(): void;
  /** Takes no new work, waits for what is in flight up to `deadlineMs`, hands the rest back. */
  stop(deadlineMs: number): Promise<void>;
  readonly inFlight: number;
}

/** What a bus has by nature, and what follows where it has not. Nothing above the port asks which broker it is. */
export interface BusCapabilities {
  /** Publish and consume take part in the store's commit. False: the outbox holds what is published until the broker has it. */
  readonly transactional: boolean;
  /** A message id is in the bus once. False: a second one is delivered, too, and the fence finds its work done. */
  readonly unique: boolean;
  /** False: a delayed message waits in the outbox and reaches the broker when its time has come. */
  readonly delay: boolean;
  /** False: what waits in a queue is shown by our own journal instead of the broker's queue. */
  readonly browse: boolean;
  /** Depths know what any process holds. False: `leased` counts what this process holds. */
  readonly countsLeased: boolean;
  /** Depths know how long the oldest message waits. False: it is 0 and the queue wait of deliveries tells. */
  readonly oldest: boolean;
}

export interface DeadLetter {
  readonly messageId: string;
  readonly queue: string;
  readonly reason: string;
  readonly diedAtMs: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/** What is known of a message that waits. */
export interface Browsed {
  readonly messageId: string;
  readonly queue: string;
  readonly type: string;
  /** `journal`: the broker does not show its queues; the journal says that this message was sent and nothing since. */
  readonly state: "ready" | "delayed" | "leased" | "unsent" | "journal";
  readonly deliveries: number;
  /** Epoch milliseconds: since when, or from when, it may be delivered. */
  readonly atMs: number;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface QueueDepth {
  readonly queue: string;
  readonly ready: number;
  readonly delayed: number;
  readonly leased: number;
  readonly dead: number;
  readonly oldestReadyMs: number;
}

export interface Bus {
  readonly capabilities: BusCapabilities;
  /** `queues` is asked again before every fetch: a queue that appears is served without a restart. */
  consume(subscription: { queues: () => readonly string[]; concurrency: number; handler: Handler }): Consumer;
  /** Durable when it resolves. */
  publish(messages: readonly OutgoingMessage[]): Promise<void>;
  /** A consumer of this process takes what comes to the queue: there is one, and it is neither paused nor stopped. */
  serves(queue: string): boolean;
  /** Room of such a consumer; undefined when it has none, or when deliveries cannot move between consumers. */
  permit(queue: string): Permit | undefined;
  /**
   * A message of this queue was never sent, for what it would have brought is done: the consumer is told, as of any other
   * delivery, with a `rest` that is over.
   */
  note(delivery: Delivery): void;
  /** Gives the message back, to be delivered again after `delayMs`. `blame: false` takes back the delivery count. */
  release(held: Held, delayMs: number, options?: { blame?: boolean }): Promise<void>;
  /** Messages of this process that are committed and not at the broker yet; always 0 without a broker. */
  readonly unsent: number;
  depths(): Promise<readonly QueueDepth[]>;
  /** Oldest first; nothing is taken. */
  browse(queue: string, limit: number): Promise<readonly Browsed[]>;
  deadLetters(queue: string, limit: number): Promise<readonly DeadLetter[]>;
  replay(queue: string, messageIds?: readonly string[]): Promise<number>;
  /** Removes dead letters for good. Returns how many there were. */
  discard(messageIds: readonly string[]): Promise<number>;
  /** Names of the queues that begin so and hold messages, or may hold some. */
  queues(prefix: string): Promise<readonly string[]>;
  /** Non-durable, to every process; also how replies travel. */
  broadcast(topic: string, payload: unknown): void;
  onBroadcast(topic: string, listener: (payload: unknown) => void): () => void;
}
