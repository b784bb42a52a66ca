import type { ChannelManifest } from "../../engine/ports/channel.js";
import { absentFromMs } from "../absent.js";
import { answerFields, answerMayWrite, answerWrites } from "../answer.js";
import { defineAtom } from "../define.js";
import type { Fields } from "../fields.js";
import { chargeRequest, requestFields } from "./request.js";

const answered = { writes: answerWrites, mayWrite: answerMayWrite } as const;
const counted = [...answerMayWrite, "inquiries", "inquiriesUnknown", "askAgainMs"] as const;
const undecided = { writes: answerWrites, mayWrite: counted } as const;

type Counts = Partial<Pick<Fields, "inquiries" | "inquiriesUnknown">>;

/** The next pause by the channel's own schedule; nothing where it has none. */
function schedule(
  { inquiry }: ChannelManifest,
  { inquiries = 0, inquiriesUnknown = 0 }: Counts,
  isUnknown: boolean,
): Partial<Pick<Fields, "inquiries" | "inquiriesUnknown" | "askAgainMs">> & { readonly spent?: boolean } {
  if (!inquiry) return {};
  const unknown = inquiriesUnknown + Number(isUnknown);
  const askAgainMs = inquiry.afterMs[Math.min(inquiries, inquiry.afterMs.length - 1)] ?? 1;
  return {
    ...{ inquiries: inquiries + 1, inquiriesUnknown: unknown, askAgainMs },
    ...(unknown >= inquiry.unknownMax ? { spent: true } : {}),
  };
}

/**
 * Asks what became of a payment. "No such payment" counts (`absent`) only when nothing can be on its way there any more
 * (`absentFromMs`); before that the charge may still arrive. How soon it is asked again, and how often until a person
 * is (`undecided`), the channel's manifest says.
 */
export const channelInquire = defineAtom({
  name: "channel.inquire",
  version: 4,
  title: "Ask the channel about the payment",
  effect: "external",
  idempotentBy: "paymentId",
  decides: ["approved", "declined"],
  reads: requestFields,
  readsIfPresent: ["method", "returnUrl", "sentAt", "inquiries", "inquiriesUnknown"],
  outcomes: {
    approved: answered,
    declined: answered,
    pending: undecided,
    unknown: undecided,
    undecided,
    absent: answered,
  },
  run: async (input, { ports, nowMs, signal }) => {
    const driver = ports.channel(input.channel);
    const answer = await driver.inquire(chargeRequest(input), signal);
    // Without the time of a sending nobody knows how long ago it was: that it is not there proves nothing.
    const { sentAt = nowMs } = input;
    const tooEarly = answer.result === "absent" && nowMs < absentFromMs(sentAt, driver.manifest);
    const result = tooEarly ? "unknown" : answer.result;
    const fields = answerFields({ ...answer, result }, "inquiry");
    if (result !== "unknown" && result !== "pending")
      return { outcome: result, fields, trace: answer.evidence };
    const { spent = false, ...next } = schedule(driver.manifest, input, result === "unknown");
    return {
      outcome: spent && result === "unknown" ? "undecided" : result,
      fields: { ...fields, ...next },
      trace: answer.evidence,
    };
  },
});
