import { defineAtom } from "../define.js";

/**
 * Verifies an institution's callback in its own dialect and tells the run it belongs to. A callback is a reason to
 * ask, not an answer: the run inquires before it believes.
 */
export const channelCallback = defineAtom({
  name: "channel.callback",
  version: 1,
  title: "Verify a callback and tell the waiting run",
  effect: "store",
  reads: ["channel", "callbackHeaders", "callbackBody"],
  outcomes: {
    ok: { writes: ["callbackReply", "paymentId"] },
    forged: { writes: ["callbackReply"] },
    stray: { writes: ["callbackReply", "paymentId"] },
  },
  run: async ({ channel, callbackHeaders, callbackBody }, { ports }) => {
    const seen = ports.channel(channel).callback({ headers: callbackHeaders, bodyBase64: callbackBody });
    if (seen.verdict === "forged") {
      return { outcome: "forged", fields: { callbackReply: seen.reply }, trace: { why: seen.why } };
    }
    const fields = { callbackReply: seen.reply, paymentId: seen.paymentId };
    const payment = await ports.rows.find("payments", { paymentId: seen.paymentId });
    if (!payment || payment["channel"] !== channel)
      return { outcome: "stray", fields, trace: seen.answer.evidence };
    const signal = { runId: String(payment["runId"]), signal: "channel.notified", fields: {} };
    return { outcome: "ok", fields, signals: [signal], trace: seen.answer.evidence };
  },
});
