/** What the atoms that speak with a channel make of its answer. */
import type { ChannelAnswer } from "../engine/ports/channel.js";
import type { Row } from "../engine/ports/store.js";
import type { Fields } from "./fields.js";

/**
 * Always written with an answer, and sometimes. Code and words are always written, empty when there are none: those
 * of an earlier answer would be taken for the reason of this one.
 */
export const answerWrites = ["channelResult", "channelAsked", "channelCode", "channelMessage"] as const;
export const answerMayWrite = ["channelOrderId", "action"] as const;

type AnswerFields = Pick<Fields, (typeof answerWrites)[number]> &
  Partial<Pick<Fields, (typeof answerMayWrite)[number]>>;

const codeMax = 64;
const textMax = 512;

export const answerFields = <R extends Fields["channelResult"]>(
  { result, channelOrderId, code = "", message = "", action }: ChannelAnswer<R>,
  channelAsked: Fields["channelAsked"],
): AnswerFields => ({
  channelResult: result,
  channelAsked,
  channelCode: code.slice(0, codeMax),
  channelMessage: message.slice(0, textMax),
  ...(channelOrderId === undefined ? {} : { channelOrderId }),
  ...(action === undefined ? {} : { action }),
});

type Heard = Partial<Pick<Fields, "channelCode" | "channelMessage">>;

/** Code and words of the channel as one text for people. */
export const reasonOf = ({ channelCode = "", channelMessage = "" }: Heard): string =>
  [channelCode, channelMessage].filter((text) => text !== "").join(" ") || "the channel gave no reason";

/** What a decided row keeps as the proof of its state. `atMs`: epoch milliseconds. */
export const evidenceOf = (
  {
    channelAsked: by,
    channelResult: result,
    channelCode: code,
    channelMessage: message,
  }: Heard & Pick<Fields, "channelAsked" | "channelResult">,
  atMs: number,
): Row => ({ by, result, code, message, at: atMs });
