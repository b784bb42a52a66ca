/** The dialect of the simulated institution: JSON over HTTP POST, signed both ways. Prose in README.md. */
import type { Action } from "../../../engine/ports/channel.js";
import type { Dialect, Json, StatusMap } from "../dialect.js";
import type { InstitutionOperation } from "../institution-dialect.js";
import { integerOf, jsonDialect, only, textOf, toldOf } from "../json-dialect.js";

/** Of the signature headers. */
export const prefix = "sim";

export const paths: Readonly<Record<InstitutionOperation, string>> = {
  pay: "/sim/pay",
  query: "/sim/query",
  refund: "/sim/refund",
  "refund-query": "/sim/refund-query",
  close: "/sim/close",
  bill: "/sim/bill",
};

/** What a callback signs as its path, wherever it is delivered: proxies on the way rewrite real paths. */
export const callbackPath = "/sim/callback";

/** INVALID_REQUEST: read and refused; the same bytes will be refused again, so nothing was or will be executed. */
const results: StatusMap = {
  charge: {
    APPROVED: "approved",
    DECLINED: "declined",
    CLOSED: "declined",
    INVALID_REQUEST: "declined",
    WAITING_PAYER: "pending",
  },
  inquire: {
    APPROVED: "approved",
    DECLINED: "declined",
    CLOSED: "declined",
    WAITING_PAYER: "pending",
    NOT_FOUND: "absent",
  },
  refund: {
    REFUNDED: "approved",
    DECLINED: "declined",
    REFUND_EXCEEDS: "declined",
    NOT_FOUND: "declined",
    INVALID_REQUEST: "declined",
  },
  inquireRefund: { REFUNDED: "approved", NOT_FOUND: "absent" },
  close: { CLOSED: "closed", ALREADY_PAID: "paid" },
  callback: { APPROVED: "approved", DECLINED: "declined", CLOSED: "declined" },
};

function actionOf(value: unknown): Action | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { kind, content } = value as Json;
  return kind === "qr" && typeof content === "string" ? { kind, content } : undefined;
}

const shown = [
  ...["code", "message", "paymentId", "refundId", "channelOrderId"],
  ...["amount", "currency", "refunded", "at"],
];

const reply = (status: number, body: string) => ({ status, contentType: "text/plain", body });

export const simulatorDialect = (secret: string): Dialect =>
  jsonDialect({
    prefix,
    secret,
    results,
    callbackPath,
    paths: {
      charge: paths.pay,
      inquire: paths.query,
      refund: paths.refund,
      inquireRefund: paths["refund-query"],
      close: paths.close,
    },
    bodies: {
      // JSON leaves out what is undefined.
      charge: ({ amountMinor: amount, ...rest }) => ({ amount, ...rest }),
      inquire: ({ paymentId }) => ({ paymentId }),
      refund: ({ refundId, paymentId, amountMinor: amount }) => ({ refundId, paymentId, amount }),
      inquireRefund: ({ refundId, paymentId }) => ({ refundId, paymentId }),
      close: ({ paymentId }) => ({ paymentId }),
    },
    tell: (body) =>
      toldOf({
        code: textOf(body["code"]),
        message: textOf(body["message"]),
        paymentId: textOf(body["paymentId"]),
        refundId: textOf(body["refundId"]),
        channelOrderId: textOf(body["channelOrderId"]),
        amountMinor: integerOf(body["amount"]),
        currency: textOf(body["currency"]),
        action: actionOf(body["action"]),
        shown: only(body, shown),
      }),
    replies: {
      taken: reply(200, "success"),
      forged: reply(401, "refused"),
      unreadable: reply(400, "unreadable"),
    },
  });
