import type { Row, Write } from "../../engine/ports/store.js";
import { evidenceOf } from "../answer.js";
import { defineAtom } from "../define.js";
import { surplusRefund } from "../surplus.js";
import { given, orderAndPayment } from "../rows.js";
import { givenUpStatuses, isUnpaidOrder } from "../statuses.js";

/**
 * Records a success that comes after the payment was given up: its order was closed or has failed, or another payment
 * has paid it. Nobody's money is kept without a name for it:
 *
 * paid      the order takes it after all: it was still unpaid, or the policy `reopen` says that late money counts
 * surplus   it goes back to the payer, in full, by the flow that takes `payment.surplus`; the order stays as it is
 * no        the institution has not charged it, or this was recorded before
 */
export const paymentLate = defineAtom({
  name: "payment.late",
  version: 1,
  title: "Record a late success: pay the order with it, or give it back",
  effect: "store",
  readsRows: true,
  guarded: true,
  reads: ["orderId", "paymentId", "channel", "channelResult", "channelAsked"],
  readsIfPresent: ["channelOrderId", "channelCode", "channelMessage"],
  outcomes: { ok: { writes: ["late"], mayWrite: ["orderStatus", "orderUpdatedAt"] } },
  params: {
    type: "object",
    properties: {
      policy: {
        type: "string",
        enum: ["refund", "reopen"],
        description: "What happens to money that comes for a closed or failed order; default: refund",
      },
    },
    additionalProperties: false,
  },
  run: async (input, { ports, params, nowMs }) => {
    const { orderId, paymentId, channel, channelResult, channelOrderId = null } = input;
    if (channelResult !== "approved") return { outcome: "ok", fields: { late: "no" } };
    const [order, payment] = await orderAndPayment(ports.rows, orderId, paymentId);
    if (payment["surplus"] === true || order["paidBy"] === paymentId)
      return { outcome: "ok", fields: { late: "no" } };
    const evidence = { ...evidenceOf(input, nowMs), late: true };
    const pays = takesLateMoney(order, params["policy"] === "reopen");
    const approved: Write = {
      kind: "transition",
      table: "payments",
      key: { paymentId },
      from: [...givenUpStatuses, "approved"],
      to: "approved",
      match: { surplus: false },
      set: { channelOrderId, evidence, surplus: !pays, updatedAt: nowMs },
    };
    if (pays) {
      const paid: Write = {
        kind: "transition",
        table: "orders",
        key: { orderId },
        from: [String(order["status"])],
        to: "paid",
        set: {
          ...{ paidBy: paymentId, channel, channelOrderId, action: null, error: null, closeReason: null },
          updatedAt: nowMs,
        },
      };
      const fields = { late: "paid", orderStatus: "paid", orderUpdatedAt: nowMs } as const;
      return { outcome: "ok", fields, writes: [approved, paid] };
    }
    return {
      outcome: "ok",
      fields: { late: "surplus" },
      writes: [approved],
      events: [
        {
          topic: "payment.surplus",
          fields: { ...surplusOf(order, payment, channelOrderId), eventAt: nowMs },
        },
      ],
    };
  },
});

function takesLateMoney(order: Row, reopens: boolean): boolean {
  return isUnpaidOrder(order) || (reopens && (order["status"] === "closed" || order["status"] === "failed"));
}

/** The refund's number follows from the payment's: whoever asks for it again asks for the same one. */
const surplusOf = (order: Row, payment: Row, channelOrderId: string | null): Row =>
  given({
    eventType: "payment.surplus",
    merchantId: order["merchantId"],
    orderId: order["orderId"],
    merchantOrderId: order["merchantOrderId"],
    type: order["type"],
    business: order["business"],
    paymentId: payment["paymentId"],
    channel: payment["channel"],
    channelOrderId,
    amount: Number(payment["amount"]),
    currency: payment["currency"],
    merchantRefundId: surplusRefund(String(payment["paymentId"])),
  });
