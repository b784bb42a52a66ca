/**
 * One queue, consumed by this process: keeps as many messages in hand as the prefetch allows, and finds its way back.
 *
 * Running means: `#pulls` is there and has asked for what there is room for. Whatever takes it away (a lost
 * connection, a deleted consumer or stream, silence) ends in `#renew`, which finds or makes the consumer and starts
 * new pulls, and tries again for as long as it takes. Pausing drains the pulls and keeps `#renew` from starting new ones.
 */
import type { Msg } from "@nats-io/transport-node";
import type { BrokerSubscription, Handed } from "../../../engine/ports/broker.js";
import type { Clock, Random } from "../../../engine/ports/clock.js";
import type { Telemetry } from "../../../engine/ports/telemetry.js";
import { decode } from "./codec.js";
import type { Connection } from "./connection.js";
import { deliveryOf, type InHand, reply, takeInHand } from "./handed.js";
import type { KeepMalformed } from "./malformed.js";
import { Pulls } from "./pull.js";
import type { Streams } from "./streams.js";

/** A stream that is being deleted ends its consumers first, and for a moment still lets new ones be made. */
const lossMs = 250;
/** Between attempts to find or make the consumer: doubles from the first to the last. */
const renewMs = { first: 200, last: 5_000 } as const;

export interface ConsumerOptions {
  readonly queue: string;
  readonly prefetch: number;
  readonly take: (handed: Handed) => void;
  readonly connection: Connection;
  readonly streams: Streams;
  readonly keepMalformed: KeepMalformed;
  readonly clock: Clock;
  readonly random: Random;
  readonly telemetry: Telemetry;
}

export class QueueConsumer implements BrokerSubscription {
  /** In the hands of this process, by publication id. */
  readonly #inHand = new Map<string, InHand>();
  /** What is being given back: on its way to the server. */
  readonly #givingBack = new Set<Promise<void>>();
  /** In hand when the connection was lost. A server that lost its memory as well does not mark them. */
  #recalled = new Set<string>();
  /** Settled while the connection was away: the server is told when it is back. */
  #untold: InHand[] = [];
  #pulls: Pulls | undefined;
  /** The last pulls that were ended: others start only when what they had asked for is counted. */
  #draining: Promise<void> = Promise.resolve();
  /** The renewal under way. One that a lost connection has overtaken still waits for an answer: it is ignored. */
  #renewal: symbol | undefined;
  #everRan = false;
  #paused = false;
  #stopped = false;
  #attempts = 0;
  #cancelRetry: () => void = () => undefined;
  readonly #unlisten: () => void;

  constructor(private readonly options: ConsumerOptions) {
    this.#unlisten = options.connection.on((event) => {
      if (event.kind === "connected") this.#connected();
      else if (event.kind === "disconnected") this.#disconnected();
    });
    void this.#renew();
  }

  async pause(): Promise<void> {
    this.#paused = true;
    this.#cancelRetry();
    await this.#drain();
  }

  resume(): void {
    if (this.#stopped) return;
    this.#paused = false;
    void this.#renew();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.pause();
  }

  /** Gives back what is still in hand, for good; resolves when the server has it. */
  async close(): Promise<void> {
    this.#stopped = this.#paused = true;
    this.#cancelRetry();
    this.#pulls?.drop();
    this.#pulls = undefined;
    this.#unlisten();
    for (const { handed } of [...this.#inHand.values()]) handed.nack();
    await Promise.all(this.#givingBack);
  }

  /**
   * What was settled meanwhile is told. What is still in hand is given back and comes again: whoever holds a message
   * over a connection that is gone cannot know whether another process has it by now.
   */
  #connected(): void {
    const { nats } = this.options.connection.link;
    for (const one of this.#untold.splice(0)) this.#tell(one);
    this.#recalled = new Set(this.#inHand.keys());
    for (const one of this.#inHand.values()) this.#giveBack(one.recall(nats));
    this.#inHand.clear();
    void this.#renew();
  }

  #disconnected(): void {
    this.#cancelRetry();
    this.#renewal = undefined;
    this.#pulls?.drop();
    this.#pulls = undefined;
  }

  /** What is on the way still arrives, and is received. */
  #drain(): Promise<void> {
    const pulls = this.#pulls;
    this.#pulls = undefined;
    if (pulls) this.#draining = pulls.drain();
    return this.#draining;
  }

  /** Pulls are wanted and not there. */
  get #lacking(): boolean {
    return !this.#paused && !this.#pulls && this.options.connection.connected;
  }

  async #renew(why?: string): Promise<void> {
    if (this.#renewal || !this.#lacking) return;
    const renewal = (this.#renewal = Symbol());
    const { connection, streams, queue, telemetry } = this.options;
    this.#cancelRetry();
    try {
      // What comes again is older than what would be asked for.
      await Promise.all([this.#draining, ...this.#givingBack]);
      const consumer = await streams.consumer(queue);
      if (this.#renewal !== renewal) return;
      if (this.#everRan && consumer.made !== "nothing") {
        connection.emit({
          kind: "recovered",
          what: queue,
          why: `${consumer.made} made again: ${why ?? "gone"}`,
        });
      }
      this.#everRan = true;
      this.#attempts = 0;
      if (this.#lacking) this.#start(consumer);
    } catch (error) {
      // Overtaken, or nobody wants it any more, or the connection is away: `resume` or its return begins anew.
      if (this.#renewal !== renewal || !this.#lacking) return;
      telemetry.log("warn", { event: "broker.consumer-not-renewed", queue, detail: String(error) });
      this.#renewIn(this.#backoffMs(), why);
    } finally {
      if (this.#renewal === renewal) this.#renewal = undefined;
    }
  }

  #renewIn(delayMs: number, why: string | undefined): void {
    this.#cancelRetry();
    if (this.#lacking) this.#cancelRetry = this.options.clock.after(delayMs, () => void this.#renew(why));
  }

  #backoffMs(): number {
    const ms = Math.min(renewMs.last, renewMs.first * 2 ** this.#attempts++);
    return ms * (0.5 + this.options.random.fraction() / 2);
  }

  #start(consumer: { readonly stream: string; readonly name: string }): void {
    const { connection, clock } = this.options;
    const pulls = new Pulls(connection.link.nats, clock, consumer, {
      message: (message) => this.#received(message),
      ended: () => this.#fill(),
      lost: (why) => {
        if (this.#pulls !== pulls) return;
        void this.#drain().then(() => this.#renewIn(lossMs, why));
      },
    });
    this.#pulls = pulls;
    this.#fill();
  }

  /** Asks for what there is room for, in bites: one request per settled message would double the traffic. */
  #fill(): void {
    const pulls = this.#pulls;
    if (!pulls) return;
    const { prefetch } = this.options;
    const room = prefetch - this.#inHand.size - pulls.asked;
    if (room > 0 && (pulls.asked === 0 || room >= prefetch / 2)) pulls.ask(room);
  }

  #received(message: Msg): void {
    const { queue, take, telemetry } = this.options;
    let publication;
    try {
      publication = decode(queue, message.data);
    } catch (error) {
      void this.#setAside(message, String(error));
      return;
    }
    const { publicationId } = publication;
    const held = this.#inHand.get(publicationId);
    const { count } = deliveryOf(message);
    if (held && count === 1) {
      // The server has forgotten that it handed this out (a new consumer, files older than a kill -9): it is in work.
      held.replace(message);
      return;
    }
    const redelivered = this.#recalled.delete(publicationId) || count > 1;
    const one = takeInHand(publication, message, { redelivered, settled: (it) => this.#settled(it) });
    this.#inHand.set(publicationId, one);
    try {
      take(one.handed);
    } catch (error) {
      telemetry.log("error", { event: "broker.take-failed", queue, detail: String(error) });
      one.handed.nack();
    }
  }

  #settled(one: InHand): void {
    if (this.options.connection.connected) return this.#tell(one);
    this.#untold.push(one);
    this.#forget(one);
  }

  #tell(one: InHand): void {
    const telling = one.answer(this.options.connection.link.nats);
    if (telling) this.#giveBack(telling.then(() => this.#forget(one)));
    else this.#forget(one);
  }

  #giveBack(given: Promise<void>): void {
    const told = given.then(() => void this.#givingBack.delete(told));
    this.#givingBack.add(told);
  }

  #forget(one: InHand): void {
    const { publicationId } = one.handed.publication;
    if (this.#inHand.get(publicationId) !== one) return;
    this.#inHand.delete(publicationId);
    this.#fill();
  }

  /** What cannot be read is kept for people before it is removed; until it is kept, it comes again. */
  async #setAside(message: Msg, why: string): Promise<void> {
    const { queue, keepMalformed, telemetry } = this.options;
    telemetry.log("error", { event: "broker.message-malformed", queue, detail: why });
    try {
      await keepMalformed(queue, message.data, why);
      reply(message, "term");
    } catch (error) {
      telemetry.log("error", { event: "broker.malformed-not-kept", queue, detail: String(error) });
    }
    this.#fill();
  }
}
