import type { Row } from "../../engine/ports/store.js";
import type { Fields } from "../fields.js";
import { answerWrites } from "../answer.js";
import { defineAtom } from "../define.js";
import { orderAndPayment } from "../rows.js";
import { isGivenUp, isUnpaidOrder } from "../statuses.js";

/**
 * Looks at order and payment again after somebody else has decided one of them.
 *
 * undecided            the payment still is: ask
 * approved, declined   the payment is decided, the order is not yet: settle it by what proves the payment
 * late                 the institution says it charged what had been given up
 * decided              the order has its state, and this run has nothing to add to it
 */
export const orderReview = defineAtom({
  name: "order.review",
  version: 1,
  title: "What others have decided meanwhile",
  effect: "pure",
  readsRows: true,
  reads: ["orderId", "paymentId"],
  readsIfPresent: ["channelResult"],
  outcomes: {
    undecided: {},
    approved: { writes: answerWrites },
    declined: { writes: answerWrites },
    late: {},
    decided: {},
  },
  run: async ({ orderId, paymentId, channelResult }, { ports }) => {
    const [order, payment] = await orderAndPayment(ports.rows, orderId, paymentId);
    const isUnpaid = isUnpaidOrder(order);
    if (payment["status"] === "approved") {
      if (order["paidBy"] === paymentId || payment["surplus"] === true) return { outcome: "decided" };
      return isUnpaid ? { outcome: "approved", fields: decided("approved", payment) } : { outcome: "late" };
    }
    // What never left is not sent for an order that does not want it any more.
    const hasLeft = payment["status"] !== "created" && payment["status"] !== "notSent";
    if (!isGivenUp(payment)) return { outcome: isUnpaid || hasLeft ? "undecided" : "decided" };
    if (channelResult === "approved") return { outcome: "late" };
    return isUnpaid && payment["status"] === "declined"
      ? { outcome: "declined", fields: decided("declined", payment) }
      : { outcome: "decided" };
  },
});

function decided(
  channelResult: "approved" | "declined",
  payment: Row,
): Pick<Fields, (typeof answerWrites)[number]> {
  const evidence = Object(payment["evidence"]) as Partial<Record<"by" | "code" | "message", string>>;
  return {
    channelResult,
    channelAsked: (evidence.by ?? "inquiry") as Fields["channelAsked"],
    channelCode: evidence.code ?? "",
    channelMessage: evidence.message ?? "",
  };
}
