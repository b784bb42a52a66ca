import { isId } from "../../engine/ids.js";
import { defineAtom } from "../define.js";
import { orderFields, paymentFields } from "../rows.js";
import { isGivenUp } from "../statuses.js";
import { lateTidings } from "../tidings.js";

/**
 * Verifies an institution's callback in its own dialect and tells the run it belongs to. A callback is a reason to
 * ask, not an answer: the run inquires before it believes. About a payment that was given up nobody waits to hear any
 * more; then the flow that takes `payment.late` asks.
 */
export const channelCallback = defineAtom({
  name: "channel.callback",
  version: 3,
  title: "Verify a callback and tell the waiting run",
  effect: "store",
  readsRows: true,
  reads: ["channel", "callbackHeaders", "callbackBody"],
  outcomes: {
    ok: { writes: ["callbackReply", "paymentId"] },
    forged: { writes: ["callbackReply"] },
    /** Genuine, but about no payment of ours. */
    stray: { writes: ["callbackReply"] },
  },
  run: async ({ channel, callbackHeaders, callbackBody }, { ports }) => {
    const seen = ports.channel(channel).callback({ headers: callbackHeaders, bodyBase64: callbackBody });
    if (seen.verdict === "forged") {
      return { outcome: "forged", fields: { callbackReply: seen.reply }, trace: { why: seen.why } };
    }
    const { paymentId, reply: callbackReply } = seen;
    // The institution may know numbers we never gave it.
    const payment = isId(paymentId) ? await ports.rows.find("payments", { paymentId }) : undefined;
    const trace = { paymentId, ...seen.answer.evidence };
    if (!payment || payment["channel"] !== channel)
      return { outcome: "stray", fields: { callbackReply }, trace };
    const fields = { callbackReply, paymentId };
    const signal = { runId: String(payment["runId"]), signal: "channel.notified", fields: {} };
    if (payment["status"] === "approved") return { outcome: "ok", fields, signals: [signal], trace };
    const order = await ports.rows.find("orders", { orderId: payment["orderId"] });
    if (!order) throw new Error(`payment ${paymentId} has no order`);
    const late = lateTidings({ ...orderFields(order), ...paymentFields(payment) });
    if (isGivenUp(payment)) return { outcome: "ok", fields, events: [late], trace };
    // It may be given up before the signal gets there.
    return { outcome: "ok", fields, signals: [{ ...signal, otherwise: late }], trace };
  },
});
