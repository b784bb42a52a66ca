import { answerFields, answerMayWrite, answerWrites } from "../answer.js";
import { defineAtom } from "../define.js";
import { chargeRequest, requestFields } from "./request.js";

const answered = { writes: [...answerWrites, "sentAt"], mayWrite: answerMayWrite } as const;

/**
 * Sends the payment. The one call of the product that moves money, so it runs behind an intent: if its result is
 * lost, `inquire` asks the institution and the call is never repeated on a guess. The institution's "no such
 * payment" right after a lost call proves nothing yet and is `unknown`; `channel.inquire` knows the grace time.
 */
export const channelCharge = defineAtom({
  name: "channel.charge",
  version: 1,
  title: "Charge through the channel",
  effect: "external",
  decides: ["approved", "declined"],
  reads: requestFields,
  readsIfPresent: ["method", "returnUrl", "channelsTried"],
  outcomes: {
    approved: answered,
    declined: answered,
    pending: answered,
    unknown: answered,
    notSent: { writes: [...answered.writes, "channelsTried"], mayWrite: answerMayWrite },
  },
  run: async (input, { ports, nowMs, signal }) => {
    const answer = await ports.channel(input.channel).charge(chargeRequest(input), signal);
    const fields = { sentAt: nowMs, ...answerFields(answer, "reply") };
    if (answer.result !== "notSent") return { outcome: answer.result, fields, trace: answer.evidence };
    const channelsTried = [...new Set([...(input.channelsTried ?? []), input.channel])];
    return { outcome: "notSent", fields: { channelsTried, ...fields }, trace: answer.evidence };
  },
  inquire: async (input, { ports, nowMs, signal }) => {
    const answer = await ports.channel(input.channel).inquire(chargeRequest(input), signal);
    const result = answer.result === "absent" ? "unknown" : answer.result;
    return {
      outcome: result,
      fields: { sentAt: nowMs, ...answerFields({ ...answer, result }, "inquiry") },
      trace: answer.evidence,
    };
  },
});
