/**
 * Broadcast: one exchange, a queue of this process's own that dies with its connection, bound by topic. Nothing of
 * it is kept anywhere: what is said while the broker is away, or to whom is away, is not heard.
 */
import type { Channel } from "amqplib";
import type { Connection } from "./connection.js";
import { textOf } from "./failure.js";
import { KeptChannel } from "./kept-channel.js";
import type { Surroundings } from "./options.js";

type Listener = (payload: unknown) => void;

export class Broadcast {
  readonly #speaking: KeptChannel;
  readonly #hearing: KeptChannel;
  readonly #listeners = new Map<string, Set<Listener>>();
  #hasRoom = true;
  /** The server's name of the queue of this process. */
  #queue = "";

  constructor(
    private readonly connections: { readonly sending: Connection; readonly receiving: Connection },
    private readonly exchange: string,
    private readonly surroundings: Surroundings,
  ) {
    this.#speaking = new KeptChannel(
      connections.sending,
      {
        what: "the channel for broadcasts",
        create: (model) => model.createChannel(),
        setUp: (channel) => this.#prepareToSpeak(channel),
      },
      surroundings,
    );
    this.#hearing = new KeptChannel(
      connections.receiving,
      {
        what: "the listener for broadcasts",
        create: (model) => model.createChannel(),
        setUp: (channel) => this.#prepareToHear(channel),
      },
      surroundings,
    );
  }

  get ready(): boolean {
    return this.#speaking.current !== undefined && this.#hearing.current !== undefined;
  }

  say(topic: string, payload: unknown): void {
    const channel = this.#speaking.current;
    // A hint is not worth the memory it would wait in.
    if (!channel || !this.#hasRoom || this.connections.sending.blocked) {
      return this.surroundings.telemetry.log("debug", { event: "broadcast.dropped", topic });
    }
    try {
      const content = Buffer.from(JSON.stringify({ payload }));
      this.#hasRoom = channel.publish(this.exchange, topic, content, { contentType: "application/json" });
    } catch (error) {
      this.surroundings.telemetry.log("debug", { event: "broadcast.failed", topic, why: textOf(error) });
    }
  }

  on(topic: string, listener: Listener): () => void {
    const listeners = this.#listeners.get(topic) ?? new Set();
    this.#listeners.set(topic, listeners.add(listener));
    if (listeners.size === 1) this.#rebind((channel) => channel.bindQueue(this.#queue, this.exchange, topic));
    return () => {
      if (!listeners.delete(listener) || listeners.size > 0) return;
      this.#listeners.delete(topic);
      this.#rebind((channel) => channel.unbindQueue(this.#queue, this.exchange, topic));
    };
  }

  close(): void {
    this.#speaking.retire();
    this.#hearing.retire();
  }

  async #prepareToSpeak(channel: Channel): Promise<void> {
    this.#hasRoom = true;
    channel.on("drain", () => (this.#hasRoom = true));
    await this.#declareExchange(channel);
  }

  async #prepareToHear(channel: Channel): Promise<void> {
    await this.#declareExchange(channel);
    const { queue } = await channel.assertQueue("", { exclusive: true, autoDelete: true, durable: false });
    this.#queue = queue;
    for (const topic of this.#listeners.keys()) await channel.bindQueue(queue, this.exchange, topic);
    await channel.consume(
      queue,
      (message) => {
        if (message) this.#heard(message.fields.routingKey, message.content);
        // Somebody deleted the queue: another channel makes another one.
        else channel.close().catch(() => undefined);
      },
      { noAck: true },
    );
    // Topics that were added meanwhile.
    for (const topic of this.#listeners.keys()) await channel.bindQueue(queue, this.exchange, topic);
  }

  async #declareExchange(channel: Channel): Promise<void> {
    await channel.assertExchange(this.exchange, "direct", { durable: true });
  }

  /** Without a channel there is nothing to change: whoever makes one binds every topic there is. */
  #rebind(change: (channel: Channel) => Promise<unknown>): void {
    const channel = this.#hearing.current;
    if (channel) change(channel).catch(() => channel.close().catch(() => undefined));
  }

  #heard(topic: string, content: Buffer): void {
    const { telemetry } = this.surroundings;
    let payload: unknown;
    try {
      ({ payload } = JSON.parse(content.toString("utf8")) as { payload: unknown });
    } catch (error) {
      return telemetry.log("warn", { event: "broadcast.malformed", topic, why: textOf(error) });
    }
    for (const listener of [...(this.#listeners.get(topic) ?? [])]) {
      try {
        listener(payload);
      } catch (error) {
        telemetry.log("warn", { event: "broadcast.listener-failed", topic, why: textOf(error) });
      }
    }
  }
}
