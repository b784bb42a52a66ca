/**
 * How the institution is spoken to. What stands here speaks JSON signed in headers, so that the channel works against
 * `institution.ts` from the first day; replace it by the institution's own format, one operation after the other, and
 * keep the contract test green. An institution that speaks something else than signed JSON needs its own `Dialect`
 * (`../dialect.ts`) instead of `jsonDialect`: `../harbour/dialect.ts` shows one with signed forms.
 */
import type { Dialect } from "../dialect.js";
import { integerOf, jsonDialect, only, textOf, toldOf } from "../json-dialect.js";
import { results } from "./codes.js";

/** Of the signature headers: `template-timestamp`, `template-signature`. */
export const prefix = "template";

/** The institution's addresses, below `baseUrl`. */
export const paths = {
  pay: "/template/pay",
  query: "/template/query",
  refund: "/template/refund",
  "refund-query": "/template/refund-query",
  close: "/template/close",
  bill: "/template/bill",
} as const;

/** What a callback signs as its path. */
export const callbackPath = "/template/callback";

/** Fields of an answer that are kept as evidence. Nothing about people, nothing secret. */
const shown = ["code", "message", "paymentId", "refundId", "channelOrderId", "amount", "currency", "at"];

const reply = (status: number, body: string) => ({ status, contentType: "text/plain", body });

export const templateDialect = (secret: string): Dialect =>
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
    // Our words -> the institution's. `paymentId` and `refundId` go out as its idempotency keys.
    bodies: {
      charge: ({ paymentId, orderId, amountMinor, currency, subject, method, returnUrl }) => ({
        paymentId,
        orderId,
        amount: amountMinor,
        currency,
        subject,
        method,
        returnUrl,
      }),
      inquire: ({ paymentId }) => ({ paymentId }),
      refund: ({ refundId, paymentId, amountMinor }) => ({ refundId, paymentId, amount: amountMinor }),
      inquireRefund: ({ refundId, paymentId }) => ({ refundId, paymentId }),
      close: ({ paymentId }) => ({ paymentId }),
    },
    // The institution's words -> ours. An approval without the amount and currency asked for is not believed.
    tell: (body) =>
      toldOf({
        code: textOf(body["code"]),
        message: textOf(body["message"]),
        paymentId: textOf(body["paymentId"]),
        refundId: textOf(body["refundId"]),
        channelOrderId: textOf(body["channelOrderId"]),
        amountMinor: integerOf(body["amount"]),
        currency: textOf(body["currency"]),
        action: qrOf(body["action"]),
        shown: only(body, shown),
      }),
    // What the institution wants to hear when it calls.
    replies: {
      taken: reply(200, "success"),
      forged: reply(401, "refused"),
      unreadable: reply(400, "unreadable"),
    },
  });

function qrOf(action: unknown): { readonly kind: "qr"; readonly content: string } | undefined {
  const content = (action as { readonly content?: unknown } | undefined)?.content;
  return typeof content === "string" ? { kind: "qr", content } : undefined;
}
