/** What both charge and inquiry make of a channel's answer. */
import type { ChannelAnswer, ChargeRequest } from "../../engine/ports/channel.js";
import type { Fields } from "../fields.js";

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

export const requestFields = ["orderId", "paymentId", "amount", "currency", "subject", "channel"] as const;

type RequestFields = Pick<Fields, (typeof requestFields)[number]> &
  Partial<Pick<Fields, "method" | "returnUrl">>;

export const chargeRequest = (fields: RequestFields): ChargeRequest => ({
  paymentId: fields.paymentId,
  orderId: fields.orderId,
  amountMinor: fields.amount,
  currency: fields.currency,
  subject: fields.subject,
  method: fields.method,
  returnUrl: fields.returnUrl,
});
