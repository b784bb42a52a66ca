/**
 * One message in the hands of this process. Settling is fire and forget: an answer that does not arrive makes the
 * server hand the message out again when its ack wait has passed.
 */
import type { Msg } from "@nats-io/transport-node";
import type { Handed, Publication } from "../../../engine/ports/broker.js";

/** https://docs.nats.io/using-nats/developer/develop_jetstream/consumers#delivery-reliability */
const replies = { ack: "+ACK", nack: "-NAK", working: "+WPI", term: "+TERM" } as const;
export type Reply = keyof typeof replies;

export function reply(message: Msg, kind: Reply): void {
  message.respond(replies[kind]);
}

/** How often the message was handed out, this time included: `$JS.ACK.[domain.account.]stream.consumer.<n>.…` */
export function deliveryOf(message: Msg): number {
  const tokens = (message.reply ?? "").split(".");
  return Number(tokens[tokens.length >= 11 ? 6 : 4]);
}

export class HandedMessage implements Handed {
  readonly redelivered: boolean;
  #settledAs: "ack" | "nack" | undefined;

  constructor(
    readonly publication: Publication,
    private message: Msg,
    private readonly settled: (handed: HandedMessage) => void,
  ) {
    this.redelivered = deliveryOf(message) > 1;
  }

  ack(): void {
    this.#settle("ack");
  }

  nack(): void {
    this.#settle("nack");
  }

  working(): void {
    if (!this.#settledAs) reply(this.message, "working");
  }

  /** The server handed the same message out anew, as if for the first time: answers go to the newer handing-out. */
  replace(message: Msg): void {
    this.message = message;
  }

  /** Tells the server how it was settled; what is written while the connection is away is lost. */
  answer(): void {
    if (this.#settledAs) reply(this.message, this.#settledAs);
  }

  #settle(as: "ack" | "nack"): void {
    if (this.#settledAs) return;
    this.#settledAs = as;
    this.settled(this);
  }
}
