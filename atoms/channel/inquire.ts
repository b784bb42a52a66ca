import { limits } from "../../engine/limits.js";
import { defineAtom } from "../define.js";
import { answerFields, answerMayWrite, answerWrites, chargeRequest, requestFields } from "./answer.js";

const answered = { writes: answerWrites, mayWrite: answerMayWrite } as const;

/**
 * Asks what became of a payment. "No such payment" counts (`absent`) only when the channel's grace time has passed
 * since it was last sent; before that the charge may still be on its way. Who sent it may have had another clock than
 * who asks, so the grace time is longer by what clocks may differ.
 */
export const channelInquire = defineAtom({
  name: "channel.inquire",
  version: 3,
  title: "Ask the channel about the payment",
  effect: "external",
  idempotentBy: "paymentId",
  decides: ["approved", "declined"],
  reads: requestFields,
  readsIfPresent: ["method", "returnUrl", "sentAt"],
  outcomes: {
    approved: answered,
    declined: answered,
    pending: answered,
    unknown: answered,
    absent: answered,
  },
  run: async (input, { ports, nowMs, signal }) => {
    const driver = ports.channel(input.channel);
    const answer = await driver.inquire(chargeRequest(input), signal);
    // Without the time of a sending nobody knows how long ago it was: that it is not there proves nothing.
    const { sentAt = nowMs } = input;
    const tooEarly = answer.result === "absent" && nowMs - sentAt < driver.manifest.graceMs + limits.clockSkewMsMax;
    const result = tooEarly ? "unknown" : answer.result;
    return {
      outcome: result,
      fields: answerFields({ ...answer, result }, "inquiry"),
      trace: answer.evidence,
    };
  },
});
