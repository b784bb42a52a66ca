/**
 * A message broker in memory, and connections to it that a test can cut. It keeps order, counts nothing, drops
 * nothing and hands over in microtasks, so `settled()` lets everything happen that can.
 */
import { ValenceError } from "../../../engine/errors.js";
import type {
  Broker,
  BrokerDepth,
  BrokerEvent,
  BrokerSubscription,
  BrokerTraits,
  Handed,
  Publication,
} from "../../../engine/ports/broker.js";

interface Stored {
  readonly publication: Publication;
  handedOut: boolean;
  holder: ScriptedBroker | undefined;
}

interface Subscription {
  readonly broker: ScriptedBroker;
  readonly queue: string;
  readonly prefetch: number;
  readonly take: (handed: Handed) => void;
  open: boolean;
  unsettled: number;
}

/** What all connections share. */
export class BrokerServer {
  readonly queues = new Map<string, Stored[]>();
  readonly subscriptions = new Set<Subscription>();

  queue(name: string): Stored[] {
    const queue = this.queues.get(name) ?? [];
    this.queues.set(name, queue);
    return queue;
  }

  /** Bodies' `n` of what waits, oldest first; what is handed out is not there. */
  waiting(name: string): readonly unknown[] {
    return this.queue(name)
      .filter(({ holder }) => !holder)
      .map(({ publication }) => publication.body["n"]);
  }

  pump(): void {
    void Promise.resolve().then(() => {
      for (const subscription of this.subscriptions) this.#fill(subscription);
    });
  }

  #fill(subscription: Subscription): void {
    for (const stored of [...this.queue(subscription.queue)]) {
      const { broker, open, unsettled, prefetch } = subscription;
      if (!open || !broker.connected || unsettled >= prefetch) return;
      if (stored.holder) continue;
      broker.handOver(stored, subscription);
    }
  }
}

const offline = (): ValenceError => new ValenceError("broker_unreachable", "the broker is away");

export class ScriptedBroker implements Broker {
  readonly traits: BrokerTraits = { kind: "scripted", dedupeWindowMs: 0, countsUnsettled: false };
  connected = true;
  /** Every try, failed ones included, in order. */
  readonly tries: Publication[] = [];
  /** Decides over a try: nothing, or the error it ends with. It may take its time. */
  sending: (publication: Publication) => Promise<void> | void = () => undefined;
  /** A subscription that is paused hands over until this has come. */
  quieting: Promise<void> = Promise.resolve();
  /** How often `working` was said, by message id. */
  readonly saidWorking: string[] = [];
  closed = false;
  readonly #listeners = new Set<(event: BrokerEvent) => void>();
  /** Changes with every connection: an answer over one that is gone does nothing. */
  #connection = 0;

  constructor(private readonly server: BrokerServer) {}

  async open(): Promise<void> {}

  on(listener: (event: BrokerEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The connection is gone, and what was in hand is anybody's again. */
  cut(): void {
    this.connected = false;
    this.#connection++;
    this.#dropHeld();
    this.#tell({ kind: "disconnected", why: "cut" });
    this.server.pump();
  }

  mend(): void {
    this.connected = true;
    this.#tell({ kind: "connected" });
    this.server.pump();
  }

  async send(publication: Publication): Promise<void> {
    this.tries.push(publication);
    if (!this.connected) throw offline();
    await this.sending(publication);
    this.server.queue(publication.queue).push({ publication, handedOut: false, holder: undefined });
    this.server.pump();
  }

  subscribe(queue: string, prefetch: number, take: (handed: Handed) => void): BrokerSubscription {
    const subscription: Subscription = { broker: this, queue, prefetch, take, open: true, unsettled: 0 };
    this.server.subscriptions.add(subscription);
    this.server.pump();
    let wanted = true;
    const pause = async (): Promise<void> => {
      wanted = false;
      await this.quieting;
      subscription.open = wanted;
    };
    return {
      pause,
      resume: () => {
        subscription.open = wanted = true;
        this.server.pump();
      },
      stop: async () => {
        await pause();
        this.server.subscriptions.delete(subscription);
      },
    };
  }

  handOver(stored: Stored, subscription: Subscription): void {
    const connection = this.#connection;
    const redelivered = stored.handedOut;
    stored.handedOut = true;
    stored.holder = this;
    subscription.unsettled++;
    let answered = false;
    const answer = (how: () => void): void => {
      if (answered || connection !== this.#connection) return;
      answered = true;
      subscription.unsettled--;
      how();
      this.server.pump();
    };
    const { publication } = stored;
    const queue = this.server.queue(publication.queue);
    subscription.take({
      publication,
      redelivered,
      ack: () => answer(() => void queue.splice(queue.indexOf(stored), 1)),
      nack: () => answer(() => void (stored.holder = undefined)),
      working: () => this.saidWorking.push(publication.messageId),
    });
  }

  async depth(queue: string): Promise<BrokerDepth | undefined> {
    return this.server.queues.has(queue) ? { ready: this.server.waiting(queue).length } : undefined;
  }

  async queues(): Promise<readonly string[]> {
    return [...this.server.queues.keys()];
  }

  broadcast(): void {}

  onBroadcast(): () => void {
    return () => undefined;
  }

  async close(): Promise<void> {
    this.closed = true;
    this.connected = false;
    this.#connection++;
    this.#dropHeld();
    this.server.pump();
  }

  #dropHeld(): void {
    for (const stored of [...this.server.queues.values()].flat())
      if (stored.holder === this) stored.holder = undefined;
    for (const each of this.server.subscriptions) if (each.broker === this) each.unsettled = 0;
  }

  #tell(event: BrokerEvent): void {
    for (const listener of this.#listeners) listener(event);
  }
}
