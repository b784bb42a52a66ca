/**
 * The messages of a bus that lie in the database. A message is `ready`, `delayed`, or `leased` until its lease ends;
 * ready ones wait per queue, the others in the order in which their time comes.
 */
import type { OutgoingMessage, Priority } from "../../engine/ports/bus.js";
import { Heap } from "./heap.js";
import { asJson } from "./json.js";

/** A place in a heap; true as long as the message still has the time it had. */
interface Place {
  readonly message: StoredMessage;
  readonly atMs: number;
}

const sooner = (a: Place, b: Place): boolean =>
  a.atMs < b.atMs || (a.atMs === b.atMs && a.message.seq < b.message.seq);

/** What was handed on in a commit is first; otherwise whoever waits longest. */
const servedBefore = (a: Place, b: Place): boolean =>
  a.message.handedOn === b.message.handedOn ? sooner(a, b) : a.message.handedOn;

export class StoredMessage {
  readonly messageId: string;
  readonly queue: string;
  readonly type: string;
  readonly body: OutgoingMessage["body"];
  readonly correlationId: string | undefined;
  readonly replyTo: string | undefined;
  readonly priority: Priority;
  token: string | undefined;
  /** The process that holds the lease and renews it. */
  owner: string | undefined;
  #visibleAtMs: number;

  constructor(
    readonly seq: number,
    outgoing: OutgoingMessage,
    public deliveryCount: number,
    atMs: number,
    readonly expiresAtMs: number | undefined,
    /** Inserted for the process that made it, ahead of what waits. */
    readonly handedOn: boolean,
    private readonly moved: (message: StoredMessage) => void,
  ) {
    this.messageId = outgoing.messageId;
    this.queue = outgoing.queue;
    this.type = outgoing.type;
    this.body = asJson(outgoing.body);
    this.correlationId = outgoing.correlationId;
    this.replyTo = outgoing.replyTo;
    this.priority = outgoing.priority ?? "normal";
    this.#visibleAtMs = atMs;
  }

  /** Deliverable from then on; the end of the lease while it is held. Epoch milliseconds. */
  get visibleAtMs(): number {
    return this.#visibleAtMs;
  }

  set visibleAtMs(atMs: number) {
    this.#visibleAtMs = atMs;
    this.moved(this);
  }
}

export class MessageTable {
  readonly byId = new Map<string, StoredMessage>();
  /** Called whenever something may be deliverable that was not, or will be at another time. */
  changed: () => void = () => undefined;
  /** Messages that ask for it are handed on: they do not stand in line. */
  handsOn = false;
  readonly #ready = new Map<string, Readonly<Record<Priority, Heap<Place>>>>();
  readonly #sleeping = new Heap(sooner);
  #seq = 0;

  constructor(private readonly nowMs: () => number) {}

  /** Unless its id is there. */
  insert(outgoing: OutgoingMessage, deliveryCount: number): void {
    if (this.byId.has(outgoing.messageId)) return;
    const { delayMs = 0, expiresInMs, messageId } = outgoing;
    const nowMs = this.nowMs();
    const message = new StoredMessage(
      this.#seq++,
      outgoing,
      deliveryCount,
      nowMs + delayMs,
      expiresInMs === undefined ? undefined : nowMs + expiresInMs,
      this.handsOn && outgoing.claim === true,
      (moved) => this.#place(moved),
    );
    this.byId.set(messageId, message);
    this.#place(message);
  }

  /** The deliverable message of these queues that comes first: high priority, then whoever waits longest. */
  first(queues: readonly string[]): StoredMessage | undefined {
    let best: Place | undefined;
    for (const queue of queues) {
      const heaps = this.#ready.get(queue);
      if (!heaps) continue;
      const place = this.#true(heaps.high) ?? this.#true(heaps.normal);
      if (place && (best === undefined || isBefore(place, best))) best = place;
    }
    return best?.message;
  }

  /**
   * Moves what has become deliverable to its queue. A lease that has run out goes on when `renews` says so: whoever
   * holds it lives, and would have renewed it.
   */
  wake(renews: (message: StoredMessage) => boolean, leaseMs: number): void {
    const nowMs = this.nowMs();
    for (let place = this.#sleeping.least; place && place.atMs <= nowMs; place = this.#sleeping.least) {
      this.#sleeping.pop();
      const { message } = place;
      if (!this.#isTrue(place)) continue;
      if (message.token !== undefined && renews(message)) message.visibleAtMs = nowMs + leaseMs;
      else this.#makeReady(message);
    }
  }

  /** When the next one becomes deliverable; undefined: nobody sleeps. */
  get nextMs(): number | undefined {
    return this.#true(this.#sleeping)?.atMs;
  }

  #place(message: StoredMessage): void {
    if (message.visibleAtMs > this.nowMs()) this.#sleeping.push({ message, atMs: message.visibleAtMs });
    else this.#makeReady(message);
    this.changed();
  }

  #makeReady(message: StoredMessage): void {
    const { queue } = message;
    const heaps = this.#ready.get(queue) ?? { high: new Heap(servedBefore), normal: new Heap(servedBefore) };
    this.#ready.set(queue, heaps);
    heaps[message.priority].push({ message, atMs: message.visibleAtMs });
  }

  #true(heap: Heap<Place>): Place | undefined {
    while (heap.least && !this.#isTrue(heap.least)) heap.pop();
    return heap.least;
  }

  #isTrue({ message, atMs }: Place): boolean {
    return this.byId.get(message.messageId) === message && message.visibleAtMs === atMs;
  }
}

const isBefore = (a: Place, b: Place): boolean =>
  a.message.priority === b.message.priority ? servedBefore(a, b) : a.message.priority === "high";

/** The message as it was sent, to be sent again. */
export const asOutgoing = ({
  messageId,
  queue,
  type,
  body,
  correlationId,
  replyTo,
  priority,
}: StoredMessage): OutgoingMessage => ({
  ...{ messageId, queue, type, body, priority },
  ...(correlationId === undefined ? {} : { correlationId }),
  ...(replyTo === undefined ? {} : { replyTo }),
});
