/**
 * Asking a consumer for messages, a few at a time: the pull protocol itself
 * (https://github.com/nats-io/nats-architecture-and-design/blob/main/adr/ADR-13.md and ADR-37.md).
 *
 * The client's own `consume()` asks for more whenever its buffer runs low, whatever is still unsettled, and its
 * `close()` leaves what is on the way to the server's ack wait. Here the caller says how many it has room for, and
 * `drain` ends with every message either received or still the server's.
 */
import type { Msg, NatsConnection, Subscription } from "@nats-io/transport-node";
import { createInbox } from "@nats-io/transport-node";
import type { Clock } from "../../../engine/ports/clock.js";

/** A request that was not filled ends after this, and is made again. */
const expiresMs = 30_000;
/** While a request is open the server says so often that it still knows it. */
const heartbeatMs = 2_000;
/** Two heartbeats are missing: the consumer is gone; a server does not say so to who asks one that never was. */
const silenceMsMax = 2 * heartbeatMs + 1_000;

/** Statuses in place of a message, as in HTTP. */
const status = { heartbeat: 100, notFound: 404, timedOut: 408 } as const;

export interface PullEvents {
  message(message: Msg): void;
  /** A request ended unfilled: there may be room to ask again. */
  ended(): void;
  /** The consumer does not answer any more; these pulls are of no use. Said once. */
  lost(why: string): void;
}

export class Pulls {
  readonly #inbox = createInbox();
  readonly #subscription: Subscription;
  /** Messages that were asked for and have not come yet. */
  #asked = 0;
  #heardMs: number;
  #cancelWatch: (() => void) | undefined;
  #over = false;

  constructor(
    private readonly nats: NatsConnection,
    private readonly clock: Clock,
    private readonly consumer: { readonly stream: string; readonly name: string },
    private readonly events: PullEvents,
  ) {
    this.#heardMs = clock.monotonicMs();
    this.#subscription = nats.subscribe(this.#inbox, {
      callback: (error, message) => this.#heard(error, message),
    });
  }

  get asked(): number {
    return this.#asked;
  }

  ask(count: number): void {
    if (this.#over) return;
    this.#asked += count;
    const request = { batch: count, expires: expiresMs * 1e6, idle_heartbeat: heartbeatMs * 1e6 };
    const { stream, name } = this.consumer;
    this.nats.publish(`$JS.API.CONSUMER.MSG.NEXT.${stream}.${name}`, JSON.stringify(request), {
      reply: this.#inbox,
    });
    if (this.#cancelWatch) return;
    this.#heardMs = this.clock.monotonicMs();
    this.#watch();
  }

  /**
   * Resolves when no message comes any more. The server drops the requests of an inbox nobody listens to; what it had
   * sent before it knew arrives first.
   */
  async drain(): Promise<void> {
    this.#end();
    // A connection that is lost meanwhile ends it, too.
    await this.#subscription.drain().catch(() => undefined);
  }

  /** The connection is lost: nothing comes any more anyway. */
  drop(): void {
    this.#end();
    this.#subscription.unsubscribe();
  }

  #end(): void {
    this.#over = true;
    this.#cancelWatch?.();
    this.#cancelWatch = undefined;
  }

  #heard(error: Error | null, message: Msg): void {
    if (error) return this.#lose(String(error));
    this.#heardMs = this.clock.monotonicMs();
    const code = message.headers?.code ?? 0;
    if (code === 0) {
      this.#asked = Math.max(0, this.#asked - 1);
      return this.events.message(message);
    }
    if (this.#over || code === status.heartbeat) return;
    if (code !== status.notFound && code !== status.timedOut) {
      return this.#lose(`${code} ${message.headers?.description ?? ""}`.trim());
    }
    const unfilled = Number(message.headers?.get("Nats-Pending-Messages") || this.#asked);
    this.#asked = Math.max(0, this.#asked - unfilled);
    this.events.ended();
  }

  #lose(why: string): void {
    if (this.#over) return;
    this.#end();
    this.events.lost(why);
  }

  #watch(): void {
    this.#cancelWatch = this.clock.after(heartbeatMs, () => {
      this.#cancelWatch = undefined;
      if (this.#asked === 0) return;
      if (this.clock.monotonicMs() - this.#heardMs > silenceMsMax) return this.#lose("heartbeats missed");
      this.#watch();
    });
  }
}
