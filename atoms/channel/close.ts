import { absentFromMs } from "../absent.js";
import { defineAtom } from "../define.js";

const answered = { writes: ["closeResult"] } as const;

/**
 * Closes a payment at the institution. Repeating it is harmless. "Never seen" is an answer only when nothing can be on
 * its way there any more (`absentFromMs`); before that it is `unknown`.
 */
export const channelClose = defineAtom({
  name: "channel.close",
  version: 1,
  title: "Close the payment at the channel",
  effect: "external",
  idempotentBy: "paymentId",
  decides: ["closed", "paid", "absent"],
  reads: ["paymentId", "orderId", "channel"],
  readsIfPresent: ["sentAt"],
  outcomes: { closed: answered, paid: answered, absent: answered, notSent: answered, unknown: answered },
  run: async ({ paymentId, orderId, channel, sentAt }, { ports, nowMs, signal }) => {
    const driver = ports.channel(channel);
    const answer = await driver.close({ paymentId, orderId }, signal);
    const certainAtMs = sentAt === undefined ? Infinity : absentFromMs(sentAt, driver.manifest);
    const closeResult = answer.result === "absent" && nowMs < certainAtMs ? "unknown" : answer.result;
    return { outcome: closeResult, fields: { closeResult }, trace: answer.evidence };
  },
});
