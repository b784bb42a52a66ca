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

interface Delivery {
  readonly stream: string;
  readonly consumer: string;
  /** How often it was handed out, this time included. A hint: some servers lose count. */
  readonly count: number;
}

/** From the reply subject: `$JS.ACK.[domain.account.]stream.consumer.count.…` */
export function deliveryOf(message: Msg): Delivery {
  const tokens = (message.reply ?? "").split(".");
  const [stream = "", consumer = "", count] = tokens.slice(tokens.length >= 11 ? 4 : 2);
  return { stream, consumer, count: Number(count) };
}

/**
 * Resolves when the server has it: asked earlier for one more, it would hand out the next message first.
 *
 * Its consumer is asked for its state before, which makes it forget the open requests of whoever has left. Otherwise
 * a server (2.9.10) that meets such a request while it hands out a message again steps back by one instead: the one
 * before comes a second time as if it were new, and this one comes when its ack wait has passed.
 */
async function giveBack(message: Msg, nats: NatsConnection): Promise<void> {
  const { stream, consumer } = deliveryOf(message);
  const timeout = nackMsMax;
  const ask = async (subject: string, payload: string): Promise<unknown> =>
    nats.request(subject, payload, { timeout }).catch(() => undefined);
  await ask(`$JS.API.CONSUMER.INFO.${stream}.${consumer}`, "");
  await ask(message.reply ?? "", replies.nack);
}

/** A message in hand, as the consumer sees it; `handed` is what the caller gets. */
export interface InHand {
  readonly handed: Handed;
  /** The server handed the same message out anew, as if for the first time: answers go to the newer handing-out. */
  replace(message: Msg): void;
  /**
   * Tells the server how it was settled; what is written while the connection is away is lost. There is room for
   * another message when the promise resolves, or at once when there is none. Never rejects.
   */
  answer(nats: NatsConnection): Promise<void> | undefined;
  /** Gives it back unsettled; what the caller says from now on does nothing. */
  recall(nats: NatsConnection): Promise<void>;
}

/** `settled` is called once, at the first `ack` or `nack`; it decides when to `answer`. */
export function takeInHand(
  publication: Publication,
  first: Msg,
  options: { readonly redelivered: boolean; readonly settled: (one: InHand) => void },
): InHand {
  let message = first;
  let end: "ack" | "nack" | "recalled" | undefined;
  const settle = (as: "ack" | "nack"): void => {
    if (end) return;
    end = as;
    options.settled(one);
  };
  const one: InHand = {
    handed: {
      publication,
      redelivered: options.redelivered,
      ack: () => settle("ack"),
      nack: () => settle("nack"),
      working: () => {
        if (!end) reply(message, "working");
      },
    },
    replace: (newer) => {
      message = newer;
    },
    answer: (nats) => {
      if (end === "nack") return giveBack(message, nats);
      if (end === "ack") reply(message, "ack");
      return undefined;
    },
    recall: (nats) => {
      end = "recalled";
      return giveBack(message, nats);
    },
  };
  return one;
}
