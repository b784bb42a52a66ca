/**
 * One subscription: a channel of its own, so that what the server holds against one consumer ends no other.
 *
 * `wanted` says whether messages are to be handed over; `#reconcile` begins or cancels the consumption on the present
 * channel until both agree, one step after the other. A new channel begins with none, and so does the present one
 * when the server cancels the consumer because its queue is gone: then the queue is declared and consumed again.
 */
import type { Channel, ConsumeMessage } from "amqplib";
import type { BrokerEvent, BrokerSubscription, Handed, Publication } from "../../../engine/ports/broker.js";
import { decode, wasHandedOut } from "./codec.js";
import type { Connection } from "./connection.js";
import { textOf } from "./failure.js";
import { KeptChannel } from "./kept-channel.js";
import type { Surroundings } from "./options.js";
import type { Topology } from "./topology.js";

/** A message that nobody can read. */
export interface Stray {
  readonly queue: string;
  readonly content: Buffer;
  readonly reason: string;
}

export interface ConsumerOptions extends Surroundings {
  readonly queue: string;
  readonly prefetch: number;
  readonly take: (handed: Handed) => void;
  /** Puts what is no message of ours elsewhere, durably; tries for as long as `isHeld`. Resolves when it is there. */
  readonly setAside: (stray: Stray, isHeld: () => boolean) => Promise<void>;
  readonly tell: (event: BrokerEvent) => void;
  /** It is stopped and nothing of it is left. */
  readonly ended: () => void;
}

export class Consumer implements BrokerSubscription {
  readonly #kept: KeptChannel;
  readonly #what: string;
  #channel: Channel | undefined;
  /** Of the consumption on the present channel. */
  #tag: string | undefined;
  #wanted = true;
  #stopped = false;
  /** Handed over on the present channel and not settled. */
  #unsettled = 0;
  #turn: Promise<void> = Promise.resolve();

  constructor(
    connection: Connection,
    private readonly topology: Topology,
    private readonly options: ConsumerOptions,
  ) {
    this.#what = `the consumer of ${options.queue}`;
    this.#kept = new KeptChannel(
      connection,
      {
        what: this.#what,
        create: (model) => model.createChannel(),
        setUp: (channel) => this.#setUp(channel),
        lost: () => this.#lost(),
        recovered: (why) => options.tell({ kind: "recovered", what: this.#what, why }),
      },
      options,
    );
  }

  async pause(): Promise<void> {
    this.#wanted = false;
    // When it fails the channel is gone, and with it the consumption.
    await this.#reconcile().catch(() => undefined);
  }

  resume(): void {
    if (this.#stopped) return;
    this.#wanted = true;
    this.#reconcileOrRenew();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#kept.retire();
    await this.pause();
    this.#endWhenSettled();
  }

  async #setUp(channel: Channel): Promise<void> {
    await channel.prefetch(this.options.prefetch);
    this.#channel = channel;
    await this.#reconcile();
  }

  #lost(): void {
    this.#channel = undefined;
    this.#tag = undefined;
    this.#unsettled = 0;
    if (this.#stopped) this.options.ended();
  }

  #reconcile(): Promise<void> {
    const step = this.#turn.then(() => this.#step());
    this.#turn = step.catch(() => undefined);
    return step;
  }

  /** Outside of the channel's set-up: a channel on which it cannot be done is given up for another one. */
  #reconcileOrRenew(done?: () => void): void {
    const { queue, telemetry } = this.options;
    const channel = this.#channel;
    this.#reconcile().then(done, (error: unknown) => {
      telemetry.log("warn", { event: "broker.consume-failed", queue, why: textOf(error) });
      channel?.close().catch(() => undefined);
    });
  }

  async #step(): Promise<void> {
    const channel = this.#channel;
    if (!channel) return;
    if (this.#wanted && this.#tag === undefined) await this.#begin(channel);
    else if (!this.#wanted && this.#tag !== undefined) {
      const tag = this.#tag;
      this.#tag = undefined;
      await channel.cancel(tag);
    }
  }

  async #begin(channel: Channel): Promise<void> {
    const { queue, random } = this.options;
    const consumerTag = random.id();
    await this.topology.declare(queue);
    this.#tag = consumerTag;
    await channel.consume(
      this.topology.nameOf(queue),
      (message) => (message ? this.#received(channel, message) : this.#cancelled(consumerTag)),
      { consumerTag },
    );
  }

  #cancelled(tag: string): void {
    if (this.#tag !== tag) return;
    const { queue, tell } = this.options;
    this.#tag = undefined;
    this.topology.forget(queue);
    const why = "the server cancelled it: its queue is gone";
    this.#reconcileOrRenew(() => tell({ kind: "recovered", what: this.#what, why }));
  }

  #received(channel: Channel, message: ConsumeMessage): void {
    const { queue, take, setAside, telemetry } = this.options;
    this.#unsettled++;
    const settle = this.#settlement(channel);
    const ack = (): void => settle(() => channel.ack(message));
    const nack = (): void => settle(() => channel.nack(message, false, true));
    const publication = this.#read(message);
    if ("reason" in publication) {
      void setAside(publication, () => this.#channel === channel).then(ack);
      return;
    }
    try {
      take({ publication, redelivered: wasHandedOut(message), ack, nack, working: () => undefined });
    } catch (error) {
      // Thrown any further it would end the channel for all others.
      telemetry.log("error", { event: "broker.take-failed", queue, why: textOf(error) });
      nack();
    }
  }

  #read(message: ConsumeMessage): Publication | Stray {
    const { queue } = this.options;
    try {
      return decode(message, queue);
    } catch (error) {
      return { queue, content: message.content, reason: textOf(error) };
    }
  }

  /**
   * Settles once, and only on the channel that handed the message over: on another one the same tag names another
   * message.
   */
  #settlement(channel: Channel): (answer: () => void) => void {
    let settled = false;
    return (answer) => {
      if (settled || this.#channel !== channel) return;
      settled = true;
      this.#unsettled--;
      try {
        answer();
      } catch {
        // The channel is closing: the server hands the message out again.
      }
      this.#endWhenSettled();
    };
  }

  #endWhenSettled(): void {
    if (!this.#stopped || (this.#channel && (this.#unsettled > 0 || this.#tag !== undefined))) return;
    this.#channel?.close().catch(() => undefined);
    this.#channel = undefined;
    this.options.ended();
  }
}
