import { defineAtom } from "../define.js";
import { problemField } from "../problem.js";

/**
 * What closing the order takes, from what its rows said a moment ago:
 *
 * ok         nothing of it can be charged any more, or nothing was sent yet: close it, the guards have the last word
 * sent       the institution may have its payment: that has to be closed there first
 * closed     it is
 * rejected   it is paid, or about to be
 */
export const orderClosable = defineAtom({
  name: "order.closable",
  version: 1,
  title: "What closing the order takes",
  effect: "pure",
  reads: ["orderStatus", "paymentStatus", "merchantOrderId"],
  outcomes: { ok: {}, sent: {}, closed: { writes: ["repeated"] }, rejected: { writes: ["problem"] } },
  run: ({ orderStatus, paymentStatus, merchantOrderId }) => {
    if (orderStatus === "closed") return { outcome: "closed", fields: { repeated: true } };
    const isUnpaid = ["processing", "requires_action", "failed"].includes(orderStatus);
    if (!isUnpaid || paymentStatus === "approved") {
      const problem = problemField("order_paid", `order ${merchantOrderId} is paid; refund it instead`);
      return { outcome: "rejected", fields: { problem } };
    }
    const mayHaveLeft = ["sending", "pending", "unknown"].includes(paymentStatus);
    return { outcome: mayHaveLeft ? "sent" : "ok" };
  },
});
