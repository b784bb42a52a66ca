/**
 * The status map: the institution's code -> what it means, per operation. Take every code from the institution's
 * manual, and only those: a code that is not here is `unknown`, which is asked about, while a decline that was none
 * lets a payer pay twice.
 */
import type { StatusMap } from "../dialect.js";

export const results: StatusMap = {
  /** `declined` only where the manual says that nothing was and will be charged. */
  charge: {
    APPROVED: "approved",
    DECLINED: "declined",
    CLOSED: "declined",
    INVALID_REQUEST: "declined",
    WAITING_PAYER: "pending",
  },
  /** `absent` is "no such payment"; it counts only after `graceMs` of channel.json. */
  inquire: {
    APPROVED: "approved",
    DECLINED: "declined",
    CLOSED: "declined",
    WAITING_PAYER: "pending",
    NOT_FOUND: "absent",
  },
  /** An institution that refunds later says `pending`; `inquireRefund` finds out. */
  refund: {
    REFUNDED: "approved",
    DECLINED: "declined",
    REFUND_EXCEEDS: "declined",
    NOT_FOUND: "declined",
    INVALID_REQUEST: "declined",
  },
  inquireRefund: { REFUNDED: "approved", NOT_FOUND: "absent" },
  /** `closed` only where the manual promises that it is never charged afterwards; else "no such payment" is `absent`. */
  close: { CLOSED: "closed", ALREADY_PAID: "paid" },
  callback: { APPROVED: "approved", DECLINED: "declined", CLOSED: "declined" },
};
