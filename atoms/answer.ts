/** What the atoms that speak with a channel make of its answer. */
import type { ChannelAnswer } from "../engine/ports/channel.js";
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
