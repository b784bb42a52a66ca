/** What sending and asking about a refund have in common. */
import type { ChannelAnswer, RefundRequest } from "../../engine/ports/channel.js";
import { answerFields, answerWrites } from "../answer.js";
import type { Fields } from "../fields.js";

export const requestFields = [
  ...["refundId", "paymentId", "orderId", "amount", "paymentAmount", "currency", "channel"],
] as const;

export const refundRequest = (
  fields: Pick<Fields, (typeof requestFields)[number]> & Partial<Pick<Fields, "reason">>,
): RefundRequest => ({
  refundId: fields.refundId,
  paymentId: fields.paymentId,
  orderId: fields.orderId,
  amountMinor: fields.amount,
  totalMinor: fields.paymentAmount,
  currency: fields.currency,
  ...(fields.reason === undefined ? {} : { reason: fields.reason }),
});

export { answerWrites };
export const answerMayWrite = ["channelRefundId"] as const;

/** The number a channel answers with is that of the refund here; the payment keeps its own. */
export const refundAnswerFields = <R extends Fields["channelResult"]>(
  { channelOrderId: channelRefundId, action: _none, ...answer }: ChannelAnswer<R>,
  asked: Fields["channelAsked"],
): Pick<Fields, (typeof answerWrites)[number]> & Partial<Pick<Fields, "channelRefundId">> => {
  const { channelResult, channelAsked, channelCode, channelMessage } = answerFields(answer, asked);
  return {
    ...{ channelResult, channelAsked, channelCode, channelMessage },
    ...(channelRefundId === undefined ? {} : { channelRefundId }),
  };
};
