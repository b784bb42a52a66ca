/**
 * The bus on PostgreSQL. The outbox *is* the queue: units of work insert and delete messages in the commit that
 * writes their rows, so there is no relay. This file fetches: one loop per process asks, in one statement, for
 * messages of every queue that has room. It runs at once when room or work appears and every `pollIdleMs` otherwise.
 */
import { limits } from "../../../engine/limits.js";
import type {
  Browsed,
  Bus,
  BusCapabilities,
  ClaimDesk,
  Consumer,
  DeadLetter,
  Delivery,
  Handler,
  Held,
  OutgoingMessage,
  Permit,
  QueueDepth,
} from "../../../engine/ports/bus.js";
import type { Clock, Random } from "../../../engine/ports/clock.js";
import type { Telemetry } from "../../../engine/ports/telemetry.js";
import type { Database, Sql } from "../../store/postgres/database.js";
import { insertMessages } from "../../store/postgres/messages.js";
import { Broadcast } from "./broadcast.js";
import { deadLetters, discard, replay } from "../../store/postgres/dead-letters.js";
import * as queries from "./queries.js";
import { Subscription } from "./subscription.js";

const wakeTopic = "bus.wake";

/** For the connection that claims: by index, whatever the statistics of a young or suddenly full table say. */
export const claimSetup: readonly string[] = [
  "set enable_seqscan = off",
  "set enable_hashjoin = off",
  "set enable_mergejoin = off",
  "set jit = off",
];

export const postgresCapabilities: BusCapabilities = {
  transactional: true,
  unique: true,
  delay: true,
  browse: true,
  countsLeased: true,
  oldest: true,
};

export interface PostgresBusOptions {
  readonly database: Database;
  readonly clock: Clock;
  readonly random: Random;
  readonly telemetry: Telemetry;
  /** UUID of this process. */
  readonly instance: string;
  /** How often an idle process looks for work nobody woke it for. Milliseconds. */
  readonly pollIdleMs: number;
}

export class PostgresBus implements Bus, ClaimDesk {
  readonly capabilities = postgresCapabilities;
  readonly kind = "claim";
  readonly unsent = 0;
  readonly #claims: Sql;
  readonly #broadcast: Broadcast;
  readonly #subscriptions: Subscription[] = [];
  /** Permits taken for messages that are being committed, by lease token. */
  readonly #reservations = new Map<string, Subscription>();
  #closed = false;
  #fetching: Promise<void> | undefined;
  #again = false;
  #cancelPoll: () => void = () => undefined;
  #cancelRenewal: () => void = () => undefined;

  constructor(private readonly options: PostgresBusOptions) {
    const { database, clock, telemetry, instance } = options;
    this.#claims = database.dedicated("claim", claimSetup);
    this.#broadcast = new Broadcast(database, clock, telemetry, instance);
    this.#broadcast.on(wakeTopic, (queues) => {
      if ((queues as readonly string[]).some((queue) => this.#subscriptionOf(queue))) this.#fetchSoon();
    });
  }

  async open(): Promise<void> {
    await this.#broadcast.open();
    this.#renewLater();
  }

  consume(subscription: {
    queues: () => readonly string[];
    concurrency: number;
    handler: Handler;
  }): Consumer {
    const { clock } = this.options;
    const consumer = new Subscription(
      subscription.queues,
      subscription.concurrency,
      subscription.handler,
      clock,
      () => {
        this.#fetchSoon();
      },
      (held) => queries.release(this.#claims, held, 0, true),
    );
    this.#subscriptions.push(consumer);
    this.#fetchSoon();
    return consumer;
  }

  async publish(messages: readonly OutgoingMessage[]): Promise<void> {
    await insertMessages(this.options.database.pool, messages, this.options.instance);
    this.wake(new Set(messages.map(({ queue }) => queue)));
  }

  async release(held: Held, delayMs: number, { blame = true }: { blame?: boolean } = {}): Promise<void> {
    await queries.release(this.#claims, [held], delayMs, blame);
    if (delayMs < this.options.pollIdleMs) this.options.clock.after(delayMs, () => this.#fetchSoon());
  }

  depths(): Promise<readonly QueueDepth[]> {
    return queries.depths(this.options.database.pool);
  }

  browse(queue: string, limit: number): Promise<readonly Browsed[]> {
    return queries.browse(this.options.database.pool, queue, limit);
  }

  deadLetters(queue: string, limit: number): Promise<readonly DeadLetter[]> {
    return deadLetters(this.options.database.pool, queue, limit);
  }

  async replay(queue: string, messageIds?: readonly string[]): Promise<number> {
    const count = await replay(this.options.database.pool, queue, messageIds, "messages");
    if (count > 0) this.wake(new Set([queue]));
    return count;
  }

  discard(messageIds: readonly string[]): Promise<number> {
    return discard(this.options.database.pool, messageIds);
  }

  queues(prefix: string): Promise<readonly string[]> {
    return queries.queuesInUse(this.options.database.pool, prefix);
  }

  broadcast(topic: string, payload: unknown): void {
    this.#broadcast.say(topic, payload, topic.startsWith("reply."));
  }

  onBroadcast(topic: string, listener: (payload: unknown) => void): () => void {
    return this.#broadcast.on(topic, listener);
  }

  serves(queue: string): boolean {
    return this.#subscriptionOf(queue) !== undefined;
  }

  permit(queue: string): Permit | undefined {
    const to = this.#subscriptionOf(queue);
    if (!to?.reserve()) return undefined;
    return {
      take: (delivery, rest) => {
        for (const from of this.#subscriptions) from.leave(delivery);
        to.start({ ...delivery, rest }, true);
      },
      cancel: () => {
        to.unreserve();
      },
    };
  }

  note(delivery: Delivery): void {
    this.#subscriptionOf(delivery.queue)?.note(delivery);
  }

  // -- ClaimDesk

  reserve(queue: string): string | undefined {
    const subscription = this.#subscriptionOf(queue);
    if (!subscription?.reserve()) return undefined;
    const token = this.options.random.id();
    this.#reservations.set(token, subscription);
    return token;
  }

  deliver(message: OutgoingMessage, token: string): void {
    const { messageId, queue, type, body, correlationId, replyTo } = message;
    this.#settleReservation(token)?.start(
      {
        messageId,
        queue,
        token,
        type,
        body,
        ...(correlationId === undefined ? {} : { correlationId }),
        ...(replyTo === undefined ? {} : { replyTo }),
        deliveryCount: 1,
        expired: false,
        queueWaitMs: 0,
      },
      true,
    );
  }

  cancel(_queue: string, token: string): void {
    this.#settleReservation(token)?.unreserve();
  }

  #settleReservation(token: string): Subscription | undefined {
    const subscription = this.#reservations.get(token);
    this.#reservations.delete(token);
    return subscription;
  }

  wake(queues: ReadonlySet<string>): void {
    if (this.#closed) return;
    const elsewhere = [...queues].filter((queue) => !this.#subscriptionOf(queue));
    if (elsewhere.length < queues.size) this.#fetchSoon();
    if (elsewhere.length > 0) this.#broadcast.say(wakeTopic, elsewhere, false);
  }

  /** Consumers are stopped by their owners first. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#cancelPoll();
    this.#cancelRenewal();
    // What a last claim brings goes back before the connections close.
    await this.#fetching;
    await this.#broadcast.close();
  }

  // -- fetching

  #subscriptionOf(queue: string): Subscription | undefined {
    return this.#subscriptions.find(({ serving, queues }) => serving && queues().includes(queue));
  }

  #fetchSoon(): void {
    this.#again = true;
    if (!this.#closed) this.#fetching ??= this.#fetchLoop();
  }

  async #fetchLoop(): Promise<void> {
    while (this.#again && !this.#closed) {
      this.#again = false;
      this.#cancelPoll();
      try {
        if (await this.#fetch()) this.#again = true;
      } catch (error) {
        this.options.telemetry.log("warn", { event: "claim.failed", detail: String(error) });
        break;
      }
    }
    this.#fetching = undefined;
    if (!this.#closed)
      this.#cancelPoll = this.options.clock.after(this.options.pollIdleMs, () => this.#fetchSoon());
  }

  /** True when a queue gave all it was asked for, so there may be more. */
  async #fetch(): Promise<boolean> {
    const wants = this.#subscriptions.flatMap((subscription) => {
      const { room } = subscription;
      return room === 0 ? [] : subscription.queues().map((queue) => ({ queue, room, subscription }));
    });
    if (wants.length === 0) return false;
    const token = this.options.random.id();
    const rows = await queries.claim(this.#claims, wants, token, this.options.instance, limits.leaseMs);
    const taken = new Map<string, number>();
    const surplus: Delivery[] = [];
    for (const row of rows) {
      const want = wants.find(({ queue, subscription }) => queue === row.queue && subscription.room > 0);
      const delivery = deliveryOf(row, token);
      // Several queues share a subscription's room, and it may have shrunk while the statement ran.
      if (want) want.subscription.start(delivery, false);
      else surplus.push(delivery);
      taken.set(row.queue, (taken.get(row.queue) ?? 0) + 1);
    }
    await queries.release(this.#claims, surplus, 0, false);
    return surplus.length === 0 && wants.some(({ queue, room }) => (taken.get(queue) ?? 0) >= room);
  }

  // -- leases

  #renewLater(): void {
    this.#cancelRenewal = this.options.clock.after(limits.leaseMs / 3, () => void this.#renew());
  }

  async #renew(): Promise<void> {
    const held = this.#subscriptions.flatMap((subscription) => subscription.held);
    try {
      if (held.length > 0) await queries.renew(this.#claims, held, limits.leaseMs);
    } catch (error) {
      this.options.telemetry.log("warn", { event: "renewal.failed", detail: String(error) });
    }
    if (!this.#closed) this.#renewLater();
  }
}

const deliveryOf = (row: queries.ClaimedRow, token: string): Delivery => ({
  messageId: row.messageId,
  queue: row.queue,
  token,
  type: row.type,
  body: row.body,
  ...(row.correlationId === null ? {} : { correlationId: row.correlationId }),
  ...(row.replyTo === null ? {} : { replyTo: row.replyTo }),
  deliveryCount: row.deliveryCount,
  expired: row.expired,
  queueWaitMs: Math.max(0, row.waitedMs),
});
