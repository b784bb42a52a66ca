import type { ChannelAnswer } from "../../engine/ports/channel.js";
import { defineAtom } from "../define.js";
import { answerMayWrite, answerWrites, refundAnswerFields, refundRequest, requestFields } from "./answer.js";

const answered = { writes: [...answerWrites, "sentAt"], mayWrite: answerMayWrite } as const;

/**
 * Sends the refund to the channel that took the payment, and to no other. It moves money, so it runs behind an intent
 * as `channel.charge` does: when its result is lost the institution is asked, and "no such refund" right after a lost
 * call proves nothing yet.
 *
 * Nor does a decline when it was sent before (`sentAt`): an institution that has executed it after all, too late for
 * the inquiry, declines the second as one too many. That is `unknown`, and `refund.inquire` finds out.
 */
export const refundSend = defineAtom({
  name: "refund.send",
  version: 1,
  title: "Refund through the channel",
  effect: "external",
  decides: ["approved", "declined"],
  reads: requestFields,
  readsIfPresent: ["reason", "sentAt"],
  outcomes: {
    approved: answered,
    declined: answered,
    pending: answered,
    unknown: { writes: answered.writes, mayWrite: [...answerMayWrite, "declinedRepeat"] },
    notSent: { writes: answerWrites, mayWrite: answerMayWrite },
  },
  run: async (input, { ports, nowMs, signal }) => {
    const driver = ports.channel(input.channel);
    const answer = driver.manifest.operations.includes("refund")
      ? await driver.refund(refundRequest(input), signal)
      : unoffered(input.channel);
    const { result, evidence: trace } = answer;
    if (result === "notSent") return { outcome: result, fields: refundAnswerFields(answer, "reply"), trace };
    if (result === "declined" && input.sentAt !== undefined) {
      const doubtful = refundAnswerFields({ ...answer, result: "unknown" }, "reply");
      return { outcome: "unknown", fields: { sentAt: nowMs, declinedRepeat: true, ...doubtful }, trace };
    }
    return { outcome: result, fields: { sentAt: nowMs, ...refundAnswerFields(answer, "reply") }, trace };
  },
  inquire: async (input, { ports, nowMs, signal }) => {
    const answer = await ports.channel(input.channel).inquireRefund(refundRequest(input), signal);
    const result = answer.result === "absent" ? "unknown" : answer.result;
    return {
      outcome: result,
      fields: { sentAt: nowMs, ...refundAnswerFields({ ...answer, result }, "inquiry") },
      trace: answer.evidence,
    };
  },
});

/** Nothing was sent and nothing ever will be: as good as a decline. */
const unoffered = (channel: string): ChannelAnswer => ({
  result: "declined",
  message: `channel ${channel} takes no refunds`,
  evidence: {},
});
