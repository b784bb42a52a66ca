/**
 * One message in the hands of this process. Settling is fire and forget: an answer that does not arrive makes the
 * server hand the message out again when its ack wait has passed.
 */
import type { Msg, NatsConnection } from "@nats-io/transport-node";
import type { Handed, Publication } from "../../../engine/ports/broker.js";

/** https://github.com/nats-io/nats-architecture-and-design/blob/main/adr/ADR-15.md */
const replies = { ack: "+ACK", nack: "-NAK", working: "+WPI", term: "+TERM" } as const;
/** A server that has not confirmed a nack after this is not waited for. */
const nackMsMax = 1_000;

export function reply(message: Msg, kind: "ack" | "working" | "term"): void {
  message.respond(replies[kind]);
}

/** How often the message was handed out, this time included: `$JS.ACK.[domain.account.]stream.consumer.<n>.…` */
export function deliveryOf(message: Msg): number {
  const tokens = (message.reply ?? "").split(".");
  return Number(tokens[tokens.length >= 11 ? 6 : 4]);
}

/** A message in hand, as the consumer sees it; `handed` is what the caller gets. */
export interface InHand {
  readonly handed: Handed;
  /** The server handed the same message out anew, as if for the first time: answers go to the newer handing-out. */
  replace(message: Msg): void;
  /**
   * Tells the server how it was settled; what is written while the connection is away is lost. Resolves at once for an
   * ack. For a nack, when the server has it: asked earlier for one more, it would hand out the next message first.
   * Never rejects.
   */
  answer(nats: NatsConnection): Promise<void>;
}

/** `settled` is called once, at the first `ack` or `nack`; it decides when to `answer`. */
export function takeInHand(publication: Publication, first: Msg, settled: (one: InHand) => void): InHand {
  let message = first;
  let settledAs: "ack" | "nack" | undefined;
  const settle = (as: "ack" | "nack"): void => {
    if (settledAs) return;
    settledAs = as;
    settled(one);
  };
  const one: InHand = {
    handed: {
      publication,
      redelivered: deliveryOf(first) > 1,
      ack: () => settle("ack"),
      nack: () => settle("nack"),
      working: () => {
        if (!settledAs) reply(message, "working");
      },
    },
    replace: (newer) => {
      message = newer;
    },
    answer: async (nats) => {
      if (settledAs === "ack") reply(message, "ack");
      if (settledAs !== "nack" || !message.reply) return;
      await nats.request(message.reply, replies.nack, { timeout: nackMsMax }).catch(() => undefined);
    },
  };
  return one;
}
