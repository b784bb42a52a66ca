import { absentFromMs } from "../absent.js";
import { defineAtom } from "../define.js";
import { answerMayWrite, answerWrites, refundAnswerFields, refundRequest, requestFields } from "./answer.js";

const answered = { writes: answerWrites, mayWrite: answerMayWrite } as const;

/**
 * Asks what became of a refund. "No such refund" counts only when nothing can be on its way there any more
 * (`absentFromMs`). Then it is `absent`, to be sent again, or `declined` if that is what the channel said when it was
 * sent again: now it is certain that no earlier sending was executed.
 */
export const refundInquire = defineAtom({
  name: "refund.inquire",
  version: 1,
  title: "Ask the channel about the refund",
  effect: "external",
  idempotentBy: "refundId",
  decides: ["approved", "declined"],
  reads: requestFields,
  readsIfPresent: ["reason", "sentAt", "declinedRepeat", "channelCode", "channelMessage"],
  outcomes: {
    approved: answered,
    declined: answered,
    pending: answered,
    unknown: answered,
    absent: answered,
  },
  run: async (input, { ports, nowMs, signal }) => {
    const driver = ports.channel(input.channel);
    const answer = await driver.inquireRefund(refundRequest(input), signal);
    const { result, evidence: trace } = answer;
    if (result !== "absent") return { outcome: result, fields: refundAnswerFields(answer, "inquiry"), trace };
    // Without the time of a sending nobody knows how long ago it was: that it is not there proves nothing.
    const { sentAt = nowMs, declinedRepeat = false } = input;
    const tooEarly = nowMs < absentFromMs(sentAt, driver.manifest);
    const outcome = tooEarly ? "unknown" : declinedRepeat ? "declined" : "absent";
    const found = refundAnswerFields({ ...answer, result: outcome }, "inquiry");
    // The words of the decline are the merchant's reason; that nothing is known of the refund is none.
    const { channelCode = "", channelMessage = "" } = input;
    return { outcome, fields: declinedRepeat ? { ...found, channelCode, channelMessage } : found, trace };
  },
});
