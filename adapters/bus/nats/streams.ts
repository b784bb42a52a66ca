/**
 * Queues as JetStream keeps them: one work-queue stream on disk per queue, with one durable consumer that all
 * processes share.
 *
 * One stream per queue and not one for all, although that would spare the creation of streams:
 * - A message leaves a work queue when it is acknowledged. In a common stream, acknowledgements of a quick queue
 *   punch holes between the messages of a slow one, and a server pays for holes (2.9 more than later ones) with scans
 *   at every delivery and at its start. In a stream of its own a queue is consumed from the front.
 * - What happens to a stream (deleted, damaged, locked while it recovers) happens to one queue: bulkheads, again.
 * - A stream knows exactly how many messages it holds, with or without a consumer.
 * - A message waits for its first consumer: work queues keep what nobody has acknowledged, also when nobody listens.
 * The price is one creation per queue and, with replicas, one Raft group per queue: right for hundreds of queues.
 *
 * A consumer's name is used once. An acknowledgement names consumer and sequence, and sequences start again when a
 * stream is made again: with a fixed name, a late acknowledgement of an old message would remove a new one unread.
 */
import {
  AckPolicy,
  type ConsumerInfo,
  DiscardPolicy,
  RetentionPolicy,
  StorageType,
  type StreamInfo,
} from "@nats-io/jetstream";
import type { Clock, Random } from "../../../engine/ports/clock.js";
import { codes, found, isCode, nanosOf } from "./api.js";
import type { Connection } from "./connection.js";
import type { Names } from "./names.js";
import { isAhead, leavesBehind } from "./stranded.js";

/** `Nats-Msg-Id`s are remembered for so long. Milliseconds. */
export const dedupeWindowMs = 120_000;
export interface StreamsOptions {
  readonly connection: Connection;
  readonly names: Names;
  readonly clock: Clock;
  readonly random: Random;
  readonly replicas: number;
  readonly ackWaitMs: number;
}

export interface SharedConsumer {
  readonly stream: string;
  readonly name: string;
  /** What was not there and had to be made. */
  readonly made: "nothing" | "consumer" | "stream";
}

export class Streams {
  /** Queues whose stream was seen. Another process may delete one: publishing to it then finds nobody. */
  readonly #seen = new Map<string, Promise<unknown>>();

  /** Ends the waits under way. */
  readonly #waits = new Set<() => void>();

  constructor(private readonly options: StreamsOptions) {
    options.connection.on((event) => {
      if (event.kind === "disconnected") this.#abandon();
    });
  }

  /** Questions that a lost connection will not answer any more are asked anew by whoever comes next. */
  #abandon(): void {
    for (const [queue, seen] of this.#seen) if (seen !== ready) this.#seen.delete(queue);
  }

  close(): void {
    for (const end of [...this.#waits]) end();
  }

  /** Undefined when the queue's stream has been seen before: the publisher then need not wait. */
  ensure(queue: string): Promise<unknown> | undefined {
    const seen = this.#seen.get(queue);
    if (seen === ready) return undefined;
    if (seen) return seen;
    const making = this.#ensureNow(queue).then(
      () => this.#seen.set(queue, ready),
      (error: unknown) => {
        if (this.#seen.get(queue) === making) this.#seen.delete(queue);
        throw error;
      },
    );
    this.#seen.set(queue, making);
    return making;
  }

  forget(queue: string): void {
    if (this.#seen.get(queue) === ready) this.#seen.delete(queue);
  }

  /** @returns whether it had to be made. */
  async #ensureNow(queue: string): Promise<boolean> {
    const { names, replicas, connection } = this.options;
    const { streams } = connection.link.manager;
    if (await found(streams.info(names.streamOf(queue)))) return false;
    try {
      await streams.add({
        name: names.streamOf(queue),
        subjects: [names.subjectOf(queue)],
        retention: RetentionPolicy.Workqueue,
        storage: StorageType.File,
        // Never without a word: a stream that an operator limits refuses what is new instead of dropping what is old.
        discard: DiscardPolicy.New,
        num_replicas: replicas,
        duplicate_window: nanosOf(dedupeWindowMs),
      });
      return true;
    } catch (error) {
      // Made by another process, or with other settings by an operator, who is right.
      if (isCode(error, codes.streamExists)) return false;
      throw error;
    }
  }

  /** The consumer that hands out the queue, made when there is none and made again when it strands messages. */
  async consumer(queue: string): Promise<SharedConsumer> {
    const stream = this.options.names.streamOf(queue);
    const madeStream = await this.#ensureNow(queue);
    const present = await this.#present(stream);
    if (!present) return { stream, name: await this.#add(stream), made: madeStream ? "stream" : "consumer" };
    const sound = await this.#sound(stream, present);
    if (sound !== undefined) return { stream, name: sound, made: "nothing" };
    // By its name: a consumer that another process has put in its place meanwhile stays.
    await found(this.options.connection.link.manager.consumers.delete(stream, present.name));
    const replacement = await this.#present(stream);
    return { stream, name: replacement?.name ?? (await this.#add(stream)), made: "consumer" };
  }

  /** Exists: has a stream. Ready and unsettled messages are both in the stream. */
  async depth(queue: string): Promise<{ readonly ready: number; readonly unsettled: number } | undefined> {
    const stream = this.options.names.streamOf(queue);
    const info = await found(this.options.connection.link.manager.streams.info(stream));
    if (!info) return undefined;
    const unsettled = (await this.#present(stream))?.num_ack_pending ?? 0;
    return { ready: Math.max(0, info.state.messages - unsettled), unsettled };
  }

  async queues(): Promise<readonly string[]> {
    const { names, connection } = this.options;
    const queues: string[] = [];
    for await (const stream of connection.link.manager.streams.names(names.allQueues)) {
      const queue = names.queueOf(stream);
      if (queue !== undefined) queues.push(queue);
    }
    return queues.sort();
  }

  async #present(stream: string): Promise<ConsumerInfo | undefined> {
    const all = await found(this.options.connection.link.manager.consumers.list(stream).next());
    return all?.find(
      ({ config }) => config.durable_name !== undefined && config.deliver_subject === undefined,
    );
  }

  async #add(stream: string): Promise<string> {
    const { connection, random, ackWaitMs, replicas } = this.options;
    const name = `workers-${random.id()}`;
    try {
      await connection.link.manager.consumers.add(stream, {
        durable_name: name,
        ack_policy: AckPolicy.Explicit,
        ack_wait: nanosOf(ackWaitMs),
        // Counting deliveries is the relay's: a server that stops delivering would strand the message.
        max_deliver: -1,
        // Each process asks for no more than its prefetch; a common ceiling would let one process starve the others.
        max_ack_pending: -1,
        num_replicas: replicas,
      });
      return name;
    } catch (error) {
      // A work queue has one consumer; another process made it first.
      const theirs = isCode(error, ...codes.onlyOneConsumer) ? await this.#present(stream) : undefined;
      if (theirs) return theirs.name;
      throw error;
    }
  }

  /**
   * The name of the consumer to ask, which another process may have put in the place of `consumer` meanwhile: one that
   * is gone does not even say so. undefined when it strands messages (stranded.ts).
   */
  async #sound(stream: string, consumer: ConsumerInfo): Promise<string | undefined> {
    const { connection, random } = this.options;
    const look = (): Promise<StreamInfo> => connection.link.manager.streams.info(stream);
    const state = await look();
    if (isAhead(consumer, state)) return undefined;
    if (!leavesBehind(consumer, state)) return consumer.name;
    // Not all processes at once: the first replaces it for all.
    await this.#wait(500 + 1_000 * random.fraction());
    const now = await this.#present(stream);
    return now?.name === consumer.name && leavesBehind(consumer, await look()) ? undefined : now?.name;
  }

  #wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const end = (): void => {
        cancel();
        this.#waits.delete(end);
        resolve();
      };
      const cancel = this.options.clock.after(ms, end);
      this.#waits.add(end);
    });
  }
}

/** A settled promise that stands for "seen": compared by identity. */
const ready: Promise<unknown> = Promise.resolve();
