/** The codes of the Harbour gateway: what its own manual calls them, and what each means to us. */
import type { StatusMap } from "../dialect.js";
import type { Code, InstitutionOperation } from "../institution-dialect.js";

/** Our operation -> `service`. */
export const services = {
  charge: "pay.submit",
  inquire: "pay.query",
  refund: "refund.submit",
  inquireRefund: "refund.query",
  close: "pay.close",
} as const;

/** 30: read and refused; the same form will be refused again. */
export const results: StatusMap = {
  charge: { "00": "approved", "51": "declined", "40": "declined", "30": "declined", "09": "pending" },
  inquire: { "00": "approved", "51": "declined", "40": "declined", "09": "pending", "25": "absent" },
  refund: { "10": "approved", "51": "declined", "61": "declined", "25": "declined", "30": "declined" },
  inquireRefund: { "10": "approved", "25": "absent" },
  // Unlike others it confirms no close of a payment it has not seen.
  close: { "40": "closed", "00": "paid", "25": "absent" },
  callback: { "00": "approved", "51": "declined", "40": "declined" },
};

/** The institution's side of both tables. */
export const operationOf: Readonly<Record<string, InstitutionOperation>> = {
  "pay.submit": "pay",
  "pay.query": "query",
  "refund.submit": "refund",
  "refund.query": "refund-query",
  "pay.close": "close",
};

export const codeOf: Readonly<Record<Code, string>> = {
  APPROVED: "00",
  ALREADY_PAID: "00",
  WAITING_PAYER: "09",
  REFUNDED: "10",
  NOT_FOUND: "25",
  INVALID_REQUEST: "30",
  CLOSED: "40",
  DECLINED: "51",
  REFUND_EXCEEDS: "61",
  BAD_SIGNATURE: "91",
  OK: "99",
};
