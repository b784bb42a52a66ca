/**
 * One channel that is made again: on every new connection, and on the same one when the server closes it (a queue
 * that is missing, declared otherwise or refused). It is `current` from when it is set up until it ends.
 */
import type { Channel, ChannelModel } from "amqplib";
import { Backoff } from "./backoff.js";
import type { Connection } from "./connection.js";
import { textOf } from "./failure.js";
import type { Surroundings } from "./options.js";

export interface ChannelPlan<C extends Channel> {
  /** For people: `the consumer of flow.pay`. */
  readonly what: string;
  create(model: ChannelModel): Promise<C>;
  /** Prepares it. When it rejects, the channel is closed and another one made after a pause. */
  setUp?(channel: C): Promise<void>;
  /** It is `current`. */
  ready?(channel: C): void;
  /** It is no more. Whatever was under way on it has failed or will not be answered. */
  lost?(why: string): void;
  /** It was lost while the connection lived, and is there again. */
  recovered?(why: string): void;
}

export class KeptChannel<C extends Channel = Channel> {
  #current: C | undefined;
  #retired = false;
  #trouble = "not set up yet";
  readonly #backoff: Backoff;
  readonly #forget: () => void;

  constructor(
    private readonly connection: Connection,
    private readonly plan: ChannelPlan<C>,
    private readonly surroundings: Surroundings,
  ) {
    this.#backoff = new Backoff(surroundings.clock, surroundings.random);
    this.#forget = connection.listen({
      up: (model) => void this.#keep(model),
      changed: () => this.#backoff.cut(),
    });
    if (connection.model) void this.#keep(connection.model);
  }

  get current(): C | undefined {
    return this.#current;
  }

  /** Why there is none at the moment. */
  get trouble(): string {
    return this.#trouble;
  }

  /** Goes on as long as the present one lives; there will be no other. */
  retire(): void {
    this.#retired = true;
    this.#forget();
    this.#backoff.cut();
  }

  /** Ends with the connection. */
  async #keep(model: ChannelModel): Promise<void> {
    let why: string | undefined;
    while (!this.#retired && this.connection.model === model) {
      const made = await this.#make(model);
      if (made) {
        this.#current = made.channel;
        this.#backoff.reset();
        this.plan.ready?.(made.channel);
        if (why !== undefined) this.plan.recovered?.(why);
        why = (await made.ended) ?? this.connection.trouble;
        this.#trouble = why;
        this.#current = undefined;
        this.plan.lost?.(why);
      } else why ??= this.#trouble;
      if (!this.#retired && this.connection.model === model) await this.#backoff.pause();
    }
  }

  async #make(model: ChannelModel): Promise<{ channel: C; ended: Promise<string | undefined> } | undefined> {
    let channel: C | undefined;
    try {
      channel = await this.plan.create(model);
      const ended = endOf(channel);
      if (!this.#retired) {
        await this.plan.setUp?.(channel);
        return { channel, ended };
      }
    } catch (error) {
      this.#trouble = textOf(error);
      // When the connection went, that has been said.
      if (this.connection.model === model) {
        const { what } = this.plan;
        this.surroundings.telemetry.log("warn", { event: "broker.setup-failed", what, why: this.#trouble });
      }
      this.plan.lost?.(this.#trouble);
    }
    await closeQuietly(channel);
    return undefined;
  }
}

/** Resolves when the channel has ended: with the server's reason, or without one when its connection ended. */
function endOf(channel: Channel): Promise<string | undefined> {
  return new Promise((resolve) => {
    let why: string | undefined;
    channel.on("error", (error) => (why = textOf(error)));
    channel.on("close", () => resolve(why));
  });
}

/** Closing what is closed already is no error here. */
async function closeQuietly(channel: Channel | undefined): Promise<void> {
  try {
    await channel?.close();
  } catch {
    // It is closed: that is all that was wanted.
  }
}
