/**
 * What this process holds of the broker's messages. A held message is `buffered` (handed over, no permit yet) ->
 * `working` -> settled.
 *
 * A broker that lost us hands the same messages out again, often to us. One we still hold is the same work: the new
 * handing-out takes the place of the old, and the answer goes there. One we have settled already is answered at once.
 * So a cut connection costs nobody a second execution, unless the message comes to another process.
 */
import type { Handed } from "../ports/broker.js";

/** Settled messages remembered, to answer those whose answer was lost on the way. */
const rememberedMax = 20_000;

export class HeldMessage {
  /** Deliveries so far, this one included. */
  deliveryCount: number;

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
}

export class HeldMessages {
  readonly #held = new Map<string, HeldMessage>();
  readonly #settled = new Set<string>();

  get(messageId: string, token: string): HeldMessage | undefined {
    const held = this.#held.get(messageId);
    return held?.token === token ? held : undefined;
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
    if (known?.token === publicationId) {
      known.handed = handed;
      return undefined;
    }
    if (known) {
      // The same message published twice: the one at work stands for both.
      handed.ack();
      return undefined;
    }
    const held = new HeldMessage(handed, source);
    this.#held.set(messageId, held);
    return held;
  }

  /** Done with for good. */
  ack(held: HeldMessage): void {
    this.#forget(held);
    this.#settled.add(held.token);
    if (this.#settled.size > rememberedMax) {
      const [oldest] = this.#settled;
      if (oldest !== undefined) this.#settled.delete(oldest);
    }
    held.handed.ack();
  }

  /** Back to the broker. */
  nack(held: HeldMessage): void {
    this.#forget(held);
    held.handed.nack();
  }

  #forget(held: HeldMessage): void {
    if (this.#held.get(held.messageId) === held) this.#held.delete(held.messageId);
  }
}
