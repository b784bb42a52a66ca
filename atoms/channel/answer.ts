/** What both charge and inquiry make of a channel's answer. */
import type { ChannelAnswer, ChargeRequest } from "../../engine/ports/channel.js";
import type { Fields } from "../fields.js";

/** Always written with an answer, and sometimes. */
export const answerWrites = ["channelResult", "channelAsked"] as const;
export const answerMayWrite = ["channelOrderId", "channelCode", "channelMessage", "action"] as const;

type AnswerFields = Pick<Fields, (typeof answerWrites)[number]> &
  Partial<Pick<Fields, (typeof answerMayWrite)[number]>>;

const textMax = 512;

export const answerFields = <R extends Fields["channelResult"]>(
  { result, channelOrderId, code, message, action }: ChannelAnswer<R>,
  channelAsked: Fields["channelAsked"],
): AnswerFields => ({
  channelResult: result,
  channelAsked,
  ...(channelOrderId === undefined ? {} : { channelOrderId }),
  ...(code === undefined ? {} : { channelCode: code.slice(0, 64) }),
  ...(message === undefined ? {} : { channelMessage: message.slice(0, textMax) }),
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
