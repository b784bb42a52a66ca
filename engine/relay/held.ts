/**
 * What this process holds of the broker's messages. A held message is `buffered` (handed over, no permit yet) ->
 * `working` -> settled.
 *
 * A broker that lost us hands the same messages out again, often to us. One we still hold is the same work: the new
 * handing-out takes the place of the old, and the answer goes there. One we have settled already is answered at once.
 * So a cut connection costs nobody a second execution, unless the message comes to another process.
 *
 * The same message published a second time is the same work, too, but it is not answered before that work is: the
 * first may be a leftover whose broker has long given it to somebody else, and the second all that is left of it.
 */
import type { Handed } from "../ports/broker.js";

/** Settled publications remembered, to answer those whose answer was lost on the way. */
const rememberedMax = 20_000;

export class HeldMessage {
  /** Deliveries so far, this one included. */
  deliveryCount: number;
  /**
   * Everything else of the same message that was handed over: answered as this one is. One of the same publication
   * may be void, its connection gone, or a second copy of it: a send whose confirmation was lost is repeated under the
   * same id, and the broker then has two. An answer to a void one does nothing; a copy without one is never free again.
   */
  readonly #others = new Set<Handed>();

  constructor(
    public handed: Handed,
    /** Name of the broker's queue. */
    readonly source: string,
  ) {
    this.deliveryCount = handed.publication.deliveryCount + 1;
  }

  get messageId(): string {
    return this.handed.publication.messageId;
  }

  /** Only the holder of the current token settles; a publication is handed to one process at a time. */
  get token(): string {
    return this.handed.publication.publicationId;
  }

  /** Another handing-out of the same message: of this publication, or of another one. */
  adopt(handed: Handed): void {
    const { publicationId } = handed.publication;
    if (publicationId !== this.token) this.#others.add(handed);
    else {
      this.#others.add(this.handed);
      this.handed = handed;
    }
  }

  /** Everything that waits for the answer. */
  get handings(): readonly Handed[] {
    return [this.handed, ...this.#others];
  }
}

export class HeldMessages {
  readonly #held = new Map<string, HeldMessage>();
  readonly #settled = new Set<string>();

  get(messageId: string, token: string): HeldMessage | undefined {
    const held = this.#held.get(messageId);
    return held?.token === token ? held : undefined;
  }

  has(held: HeldMessage): boolean {
    return this.#held.get(held.messageId) === held;
  }

  all(): Iterable<HeldMessage> {
    return this.#held.values();
  }

  /** Undefined when there is nothing to do about it: it is held or settled already. */
  take(handed: Handed, source: string): HeldMessage | undefined {
    const { messageId, publicationId } = handed.publication;
    if (this.#settled.has(publicationId)) {
      handed.ack();
      return undefined;
    }
    const known = this.#held.get(messageId);
    if (known) {
      known.adopt(handed);
      return undefined;
    }
    const held = new HeldMessage(handed, source);
    this.#held.set(messageId, held);
    return held;
  }

  /** Done with for good: its work is durable, or what follows it is. */
  ack(held: HeldMessage): void {
    if (!this.#forget(held)) return;
    for (const handed of held.handings) {
      this.#remember(handed.publication.publicationId);
      handed.ack();
    }
  }

  /** Back to the broker. */
  nack(held: HeldMessage): void {
    if (!this.#forget(held)) return;
    for (const handed of held.handings) handed.nack();
  }

  #forget(held: HeldMessage): boolean {
    return this.has(held) && this.#held.delete(held.messageId);
  }

  #remember(publicationId: string): void {
    this.#settled.add(publicationId);
    if (this.#settled.size <= rememberedMax) return;
    const [oldest] = this.#settled;
    if (oldest !== undefined) this.#settled.delete(oldest);
  }
}
