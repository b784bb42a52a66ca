/**
 * Sends with confirms, any number of them under way at once on one channel: waiting for each would cost a round trip
 * and a disk sync per message.
 *
 * A sending waits for its queue to be declared, then for room in the channel, is written, and ends with the broker's
 * word: confirmed, refused, or returned because the queue is gone, in which case it is declared and written again.
 * When the channel or its connection ends, every sending ends with an error: whether the broker has it is not known.
 */
import type { ConfirmChannel } from "amqplib";
import { type Encoded, header } from "./codec.js";
import type { Connection } from "./connection.js";
import { textOf, unreachable } from "./failure.js";
import { KeptChannel } from "./kept-channel.js";
import type { Surroundings } from "./options.js";
import type { Topology } from "./topology.js";

interface Sending extends Encoded {
  readonly queue: string;
  /** What a returned message is recognised by. */
  readonly publicationId: string;
  readonly deadlineMs: number;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
  returns: number;
}

/** A queue that is missing again right after it was declared, so often, is somebody's doing. */
const returnsMax = 3;

export interface PublisherOptions extends Surroundings {
  readonly sendMsMax: number;
  /** `ready` may have changed. */
  readonly changed: (why: string) => void;
}

export class Publisher {
  readonly #channel: KeptChannel<ConfirmChannel>;
  /** Not ended yet, oldest first. */
  readonly #open = new Set<Sending>();
  /** Their queue is being declared. */
  readonly #undeclared = new Map<string, Sending[]>();
  /** To be written as soon as there is room. */
  #waiting: Sending[] = [];
  /** How many writings of a publication came back and have not been dealt with. */
  readonly #returned = new Map<string, number>();
  #hasRoom = true;
  #cancelTimer: (() => void) | undefined;
  #emptied: (() => void) | undefined;

  constructor(
    private readonly connection: Connection,
    private readonly topology: Topology,
    private readonly options: PublisherOptions,
  ) {
    this.#channel = new KeptChannel(
      connection,
      {
        what: "the channel for sending",
        create: (model) => model.createConfirmChannel(),
        ready: (channel) => this.#begin(channel),
        lost: (why) => this.#lost(why),
      },
      options,
    );
    connection.listen({ changed: () => this.#write() });
  }

  get ready(): boolean {
    return this.#channel.current !== undefined;
  }

  get trouble(): string {
    return this.#channel.trouble;
  }

  /** Resolves when the broker has it durably. @throws ValenceError `broker_unreachable` */
  send(queue: string, publicationId: string, { content, options }: Encoded): Promise<void> {
    if (!this.ready) return Promise.reject(unreachable(`not connected: ${this.trouble}`));
    const deadlineMs = this.options.clock.monotonicMs() + this.options.sendMsMax;
    return new Promise((resolve, reject) => {
      const sending = { queue, publicationId, content, options, deadlineMs, resolve, reject, returns: 0 };
      this.#open.add(sending);
      this.#watch();
      this.#declare(sending);
    });
  }

  /** Waits up to `msMax` for what is under way; the rest ends with an error. */
  async close(msMax: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const cancel = this.options.clock.after(msMax, resolve);
      this.#emptied = () => {
        cancel();
        resolve();
      };
      if (this.#open.size === 0) this.#emptied();
    });
    this.#channel.retire();
    this.#lost("closed");
  }

  #begin(channel: ConfirmChannel): void {
    this.#hasRoom = true;
    channel.on("drain", () => {
      this.#hasRoom = true;
      this.#write();
    });
    // Comes before the confirm of the same message, which is confirmed although no queue has it.
    channel.on("return", ({ properties }) => {
      const id = String(properties.headers?.[header.publicationId]);
      this.#returned.set(id, (this.#returned.get(id) ?? 0) + 1);
    });
    this.options.changed("ready to send");
  }

  #lost(why: string): void {
    this.#undeclared.clear();
    this.#waiting = [];
    this.#returned.clear();
    for (const sending of this.#open) this.#end(sending, unreachable(`not known to be sent: ${why}`));
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    this.options.changed(why);
  }

  /** Later sendings to the queue line up behind those that wait for its declaration: the order is kept. */
  #declare(sending: Sending): void {
    const ahead = this.#undeclared.get(sending.queue);
    if (ahead) ahead.push(sending);
    else if (this.topology.has(sending.queue)) {
      this.#waiting.push(sending);
      this.#write();
    } else {
      this.#undeclared.set(sending.queue, [sending]);
      void this.#declareQueue(sending.queue);
    }
  }

  async #declareQueue(queue: string): Promise<void> {
    const failure = await this.topology.declare(queue).then(
      () => undefined,
      (error: Error) => error,
    );
    const sendings = this.#undeclared.get(queue) ?? [];
    this.#undeclared.delete(queue);
    if (failure) for (const sending of sendings) this.#end(sending, failure);
    else for (const sending of sendings) this.#waiting.push(sending);
    this.#write();
  }

  #write(): void {
    const channel = this.#channel.current;
    let written = 0;
    // What is written into a blocked connection stays in this process's memory.
    while (channel && this.#hasRoom && !this.connection.blocked && written < this.#waiting.length) {
      const sending = this.#waiting[written++];
      if (sending && this.#open.has(sending)) this.#writeOne(channel, sending);
    }
    if (written > 0) this.#waiting = this.#waiting.slice(written);
  }

  #writeOne(channel: ConfirmChannel, sending: Sending): void {
    const options = { ...sending.options, persistent: true, mandatory: true };
    const name = this.topology.nameOf(sending.queue);
    try {
      this.#hasRoom = channel.publish("", name, sending.content, options, (error: unknown) =>
        this.#answered(sending, error),
      );
    } catch (error) {
      this.#end(sending, unreachable(`cannot be sent: ${textOf(error)}`, error));
    }
  }

  #answered(sending: Sending, error: unknown): void {
    const { publicationId, queue } = sending;
    const returned = this.#returned.get(publicationId);
    if (error) return this.#end(sending, unreachable(`not confirmed: ${textOf(error)}`, error));
    if (returned === undefined) return this.#end(sending);
    if (returned > 1) this.#returned.set(publicationId, returned - 1);
    else this.#returned.delete(publicationId);
    this.topology.forget(queue);
    if (!this.#open.has(sending)) return;
    if (++sending.returns > returnsMax) this.#end(sending, unreachable(`queue ${queue} keeps disappearing`));
    else this.#declare(sending);
  }

  #end(sending: Sending, error?: Error): void {
    if (!this.#open.delete(sending)) return;
    if (error) sending.reject(error);
    else sending.resolve();
    if (this.#open.size === 0) this.#emptied?.();
  }

  /** One timer, for the oldest. */
  #watch(): void {
    const [oldest] = this.#open;
    if (!oldest || this.#cancelTimer) return;
    const { clock, sendMsMax } = this.options;
    this.#cancelTimer = clock.after(Math.max(0, oldest.deadlineMs - clock.monotonicMs()), () => {
      this.#cancelTimer = undefined;
      const nowMs = clock.monotonicMs();
      for (const sending of this.#open) {
        if (sending.deadlineMs > nowMs) break;
        const why = this.connection.blocked ? ": the broker is short of memory or disk" : "";
        this.#end(sending, unreachable(`no answer within ${sendMsMax} ms${why}`));
      }
      this.#watch();
    });
  }
}
