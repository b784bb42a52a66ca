/** What refunds have done to the sums of a payment. */
import type { Row, Write } from "../../engine/ports/store.js";

/** So much more has gone back. Guarded by what was read: lost when another refund was counted meanwhile. */
export function refundedMore(payment: Row, amount: number, nowMs: number): Write {
  const refunded = Number(payment["refunded"]);
  return {
    kind: "transition",
    table: "payments",
    key: { paymentId: payment["paymentId"] },
    from: ["approved"],
    to: "approved",
    match: { refunded },
    set: { refunded: refunded + amount, updatedAt: nowMs },
  };
}
