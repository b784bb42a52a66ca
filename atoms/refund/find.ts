import type { ErrorCode } from "../../engine/errors.js";
import type { Row } from "../../engine/ports/store.js";
import type { Fields } from "../fields.js";
import { defineAtom } from "../define.js";
import { problemField } from "../problem.js";
import { given } from "../rows.js";
import { isSurplus } from "../surplus.js";

/**
 * Finds what is to be refunded: the payment that paid the merchant's order, or the surplus payment the event names.
 * What belongs to somebody else does not exist for a merchant. A merchant is refused; a surplus that cannot go back is
 * nobody's mistake but ours, so it throws, and a person looks at it.
 */
export const refundFind = defineAtom({
  name: "refund.find",
  version: 1,
  title: "Find the payment to refund",
  effect: "pure",
  readsRows: true,
  reads: ["merchantId", "orderId", "merchantRefundId"],
  readsIfPresent: ["paymentId"],
  outcomes: {
    ok: {
      writes: [
        ...["paymentId", "channel", "currency", "merchantOrderId", "orderType"],
        ...["paymentAmount", "refundReserved"],
      ] as const,
      mayWrite: ["channelOrderId", "business", "notifyUrl"],
    },
    rejected: { writes: ["problem"] },
  },
  run: async (asked, { ports }) => {
    const surplus = isSurplus(asked);
    const refuse = (code: ErrorCode, detail: string) => {
      if (surplus) throw new Error(`surplus payment ${asked.paymentId} cannot be refunded: ${detail}`);
      return { outcome: "rejected" as const, fields: { problem: problemField(code, detail) } };
    };
    const order = await ports.rows.find("orders", { orderId: asked.orderId });
    if (!order || order["merchantId"] !== asked.merchantId)
      return refuse("not_found", "No such order of this merchant.");
    const paymentId = surplus ? asked.paymentId : order["paidBy"];
    const isPaid = paymentId !== null && paymentId !== undefined;
    const payment = !isPaid ? undefined : await ports.rows.find("payments", { paymentId });
    if (payment?.["status"] !== "approved" || payment["orderId"] !== asked.orderId)
      return refuse(
        "order_not_paid",
        `order ${String(order["merchantOrderId"])} is ${String(order["status"])}`,
      );
    return { outcome: "ok", fields: found(order, payment, surplus) };
  },
});

const found = (order: Row, payment: Row, surplus: boolean) => ({
  paymentId: String(payment["paymentId"]),
  channel: String(payment["channel"]),
  currency: payment["currency"] as Fields["currency"],
  merchantOrderId: String(order["merchantOrderId"]),
  orderType: String(order["type"]),
  paymentAmount: Number(payment["amount"]),
  refundReserved: Number(payment["refundReserved"]),
  ...given({
    channelOrderId: payment["channelOrderId"] as Fields["channelOrderId"] | null,
    business: order["business"] as Fields["business"] | null,
    // A surplus is no refund of the order: its merchant never had the money and would book it wrongly.
    notifyUrl: surplus ? null : (order["notifyUrl"] as Fields["notifyUrl"] | null),
  }),
});
