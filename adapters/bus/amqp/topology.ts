/**
 * Queues exist by being named: they are declared once per connection, and again when somebody finds one missing.
 * On a channel of its own, because the server answers a declaration it does not like by closing the channel.
 */
import type { Channel } from "amqplib";
import type { Connection } from "./connection.js";
import { replyCodeOf, textOf, unreachable } from "./failure.js";
import { KeptChannel } from "./kept-channel.js";
import type { Surroundings } from "./options.js";

/**
 * How often RabbitMQ hands a message out before it drops it by itself; from 4.0 on the default is 20. What fails
 * again and again is counted and buried by the engine, with its reason: the broker is never to drop anything.
 * The largest number that old and new releases take.
 */
const deliveryLimit = 2 ** 31 - 1;

/** Replicated and synced to disk before the publisher is told. Must never change: a queue cannot be redeclared. */
const queueOptions = {
  durable: true,
  arguments: { "x-queue-type": "quorum", "x-delivery-limit": deliveryLimit },
} as const;

export class Topology {
  readonly #channel: KeptChannel;
  readonly #declared = new Set<string>();
  readonly #declaring = new Map<string, Promise<void>>();
  readonly #used = new Set<string>();

  constructor(
    private readonly connection: Connection,
    private readonly namespace: string,
    options: Surroundings & { readonly changed: (why: string) => void },
  ) {
    this.#channel = new KeptChannel(
      connection,
      {
        what: "the channel for declarations",
        create: (model) => model.createChannel(),
        ready: () => options.changed("ready to declare"),
        lost: (why) => {
          // Whoever was away may have missed that queues were removed.
          this.#declared.clear();
          options.changed(why);
        },
      },
      options,
    );
  }

  get ready(): boolean {
    return this.#channel.current !== undefined;
  }

  get trouble(): string {
    return this.#channel.trouble;
  }

  /** Names of the queues this process has used. AMQP cannot list. */
  get used(): readonly string[] {
    return [...this.#used];
  }

  /** The broker's name of one of our queues. Its names are UTF-8 of up to 255 bytes: nothing has to be escaped. */
  nameOf(queue: string): string {
    return `${this.namespace}.${queue}`;
  }

  has(queue: string): boolean {
    return this.#declared.has(queue);
  }

  /** Makes sure that the queue exists. @throws ValenceError `broker_unreachable` */
  async declare(queue: string): Promise<void> {
    if (this.#declared.has(queue)) return;
    const declaring = this.#declaring.get(queue) ?? this.#declare(queue);
    this.#declaring.set(queue, declaring);
    try {
      await declaring;
    } catch (error) {
      throw unreachable(`queue ${this.nameOf(queue)} cannot be declared: ${textOf(error)}`, error);
    } finally {
      this.#declaring.delete(queue);
    }
  }

  /** Somebody found it missing: the next `declare` asks the server again. */
  forget(queue: string): void {
    this.#declared.delete(queue);
  }

  /** Messages that could be handed out now; undefined when there is no such queue. */
  async readyIn(queue: string): Promise<number | undefined> {
    const model = this.connection.model;
    if (!model) throw unreachable("not connected");
    let channel: Channel | undefined;
    try {
      // A queue that is missing costs the channel on which one asks.
      channel = await model.createChannel();
      channel.on("error", () => undefined);
      const { messageCount } = await channel.checkQueue(this.nameOf(queue));
      await channel.close();
      return messageCount;
    } catch (error) {
      if (replyCodeOf(error) === 404) return undefined;
      throw unreachable(`queue ${this.nameOf(queue)}: ${textOf(error)}`, error);
    }
  }

  close(): void {
    this.#channel.retire();
  }

  async #declare(queue: string): Promise<void> {
    const channel = this.#channel.current;
    if (!channel) throw new Error(this.#channel.trouble);
    await channel.assertQueue(this.nameOf(queue), queueOptions);
    this.#declared.add(queue);
    this.#used.add(queue);
  }
}
