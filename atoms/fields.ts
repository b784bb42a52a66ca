/** The data dictionary of the product. A field is declared here and nowhere else. */
import type { FromSchema } from "json-schema-to-ts";
import type { Dictionary } from "../engine/dictionary.js";
import { limits } from "../engine/limits.js";
import { currencies } from "../engine/money.js";

const id = { type: "string", format: "uuid" } as const;
const name = (max: number) => ({ type: "string", minLength: 1, maxLength: max }) as const;
const epochMs = { type: "integer", minimum: 0 } as const;
const url = { type: "string", format: "http-url", maxLength: 2048 } as const;
const problem = {
  type: "object",
  properties: {
    type: { type: "string" },
    title: { type: "string" },
    status: { type: "integer" },
    code: { type: "string" },
    detail: { type: "string" },
  },
  required: ["type", "title", "status", "code", "detail"],
} as const;

export const dictionary = {
  // -- who and what
  merchantId: { title: "The merchant, as registered", schema: name(64), example: "demo" },
  type: { title: "Transaction type, a key of flows/types.json", schema: name(64), example: "pay" },
  business: { title: "The business the order belongs to; must be opened for the merchant", schema: name(64) },
  merchantOrderId: {
    title: "The merchant's own order number; the same one always names the same order",
    schema: { type: "string", minLength: 1, maxLength: 64, pattern: "^[A-Za-z0-9_.:-]+$" },
    example: "A-1001",
  },
  orderId: { title: "Our order number, derived from merchant and merchantOrderId", schema: id },
  amount: {
    title: "Amount in minor units of the currency",
    schema: { type: "integer", minimum: 1, maximum: limits.amountMinorMax },
    problems: { type: "amount_not_integer", minimum: "amount_not_positive", maximum: "amount_too_large" },
    example: 1050,
  },
  currency: {
    title: "ISO 4217 currency code",
    schema: { type: "string", enum: currencies },
    problems: { enum: "currency_unknown" },
    example: "CNY",
  },
  subject: { title: "What is paid for, shown to the payer", schema: name(256), example: "Two coffees" },
  method: {
    title: "How the payer wants to pay, e.g. card, qr; empty leaves it to the route",
    schema: { type: "string", pattern: "^[a-z][a-z0-9_]{0,31}$" },
    example: "card",
  },
  notifyUrl: { title: "Where the merchant wants to be notified", schema: url },
  returnUrl: { title: "Where the payer's browser goes afterwards", schema: url },
  expiresInSeconds: {
    title: "Seconds after which an unpaid order may be closed",
    schema: { type: "integer", minimum: 60, maximum: 2_592_000 },
  },
  metadata: {
    title: "Text the merchant wants back unchanged; at most 20 entries",
    schema: { type: "object", maxProperties: 20, additionalProperties: { type: "string", maxLength: 256 } },
  },
  // -- the order as the merchant sees it
  orderStatus: {
    title: "State of the order",
    schema: {
      type: "string",
      enum: ["processing", "requires_action", "paid", "failed", "closed", "refunded", "partially_refunded"],
    },
  },
  orderCreatedAt: { title: "When the order was logged, epoch milliseconds", schema: epochMs },
  orderUpdatedAt: { title: "When the order last changed, epoch milliseconds", schema: epochMs },
  repeated: { title: "The order was submitted before; this is its state now", schema: { type: "boolean" } },
  problem: { title: "Why the run was rejected or the order failed (RFC 9457)", schema: problem },
  // -- the attempt to pay it
  paymentId: { title: "Our number of one attempt; the channel's idempotency key", schema: id },
  attempt: { title: "1 for the first attempt", schema: { type: "integer", minimum: 1, maximum: 99 } },
  channel: {
    title: "The channel that carries the payment",
    schema: { type: "string", pattern: "^[a-z][a-z0-9-]{0,31}$" },
  },
  channelWanted: {
    title: "The channel the integrator named; no other one may carry the order",
    schema: { type: "string", pattern: "^[a-z][a-z0-9-]{0,31}$" },
  },
  routeRule: { title: "Name of the routing rule that chose the channel", schema: name(128) },
  channelsTried: {
    title: "Channels that could not be reached for this order",
    schema: { type: "array", items: { type: "string" } },
  },
  channelResult: {
    title: "What the channel said last; moved: another channel was given the payment before it was sent",
    schema: {
      type: "string",
      enum: ["approved", "declined", "pending", "notSent", "unknown", "absent", "moved"],
    },
  },
  channelOrderId: {
    title: "The channel's number of the payment",
    schema: { type: "string", maxLength: 128 },
  },
  channelCode: {
    title: "The channel's own result code, verbatim; empty when it gave none",
    schema: { type: "string", maxLength: 64 },
  },
  channelMessage: {
    title: "The channel's own words, verbatim; empty when it gave none",
    schema: { type: "string", maxLength: 512 },
  },
  channelAsked: {
    title: "How the last answer was obtained; switch: the channel was not asked, operators have closed it",
    schema: { type: "string", enum: ["reply", "inquiry", "callback", "switch"] },
  },
  paymentStatus: {
    title: "State of the payment, as its row had it when it was read",
    schema: {
      type: "string",
      enum: ["created", "sending", "pending", "unknown", "notSent", "approved", "declined", "closed"],
    },
  },
  sentAt: { title: "When the charge or refund was last sent, epoch milliseconds", schema: epochMs },
  inquiries: {
    title: "How often the channel was asked about the payment",
    schema: { type: "integer", minimum: 0 },
  },
  inquiriesUnknown: {
    title: "How many of these inquiries brought no certainty",
    schema: { type: "integer", minimum: 0 },
  },
  askAgainMs: {
    title: "When the channel wants to be asked again, milliseconds from now",
    schema: { type: "integer", minimum: 1 },
  },
  action: {
    title: "What the payer has to do next",
    schema: {
      type: "object",
      properties: {
        kind: { type: "string", enum: ["redirect", "qr", "form", "sdk"] },
        url: { type: "string" },
        content: { type: "string" },
      },
      required: ["kind"],
      additionalProperties: false,
    },
  },
  // -- closing an unpaid order, and what comes too late
  closeReason: {
    title: "Why the order is closed: its merchant asked, or its time was over",
    schema: { type: "string", enum: ["merchant", "expired"] },
  },
  closeResult: {
    title:
      "What the channel said to the close; absent: it has never seen the payment, and could not any more",
    schema: { type: "string", enum: ["closed", "paid", "absent", "notSent", "unknown"] },
  },
  payingRunId: { title: "The run that pays the order", schema: id },
  late: {
    title: "What a payment came to that was approved after it had been given up",
    schema: { type: "string", enum: ["no", "surplus", "paid"] },
  },
  // -- refunds
  refundId: { title: "Our number of a refund, derived from merchant and merchantRefundId", schema: id },
  merchantRefundId: {
    title: "The merchant's own number of a refund; the same one always names the same refund",
    // What begins with surplus- is ours: see surplus.ts.
    schema: { type: "string", minLength: 1, maxLength: 64, pattern: "^(?!surplus-)[A-Za-z0-9_.:-]+$" },
    example: "R-1001",
  },
  reason: { title: "Why it is refunded; shown to the payer where the channel does so", schema: name(256) },
  refundStatus: {
    title: "State of the refund as the merchant sees it",
    schema: { type: "string", enum: ["processing", "refunded", "failed"] },
  },
  refundError: { title: "Why the refund failed (RFC 9457)", schema: problem },
  refundCreatedAt: { title: "When the refund was logged, epoch milliseconds", schema: epochMs },
  refundUpdatedAt: { title: "When the refund last changed, epoch milliseconds", schema: epochMs },
  channelRefundId: {
    title: "The channel's number of the refund",
    schema: { type: "string", maxLength: 128 },
  },
  handReference: {
    title: "Number of the transfer by which a person gave a refund back that its channel would not make",
    schema: { type: "string", minLength: 1, maxLength: 64, pattern: "^[A-Za-z0-9_.:/-]+$" },
    decision: true,
  },
  declinedRepeat: {
    title: "The channel has declined the refund when it was sent again; it may have executed it before",
    schema: { type: "boolean" },
  },
  orderType: { title: "Transaction type of the order that is refunded", schema: name(64) },
  paymentAmount: { title: "What was paid, in minor units", schema: { type: "integer", minimum: 1 } },
  refundReserved: {
    title: "What refunds have taken of the payment, those under way included, in minor units",
    schema: { type: "integer", minimum: 0 },
  },
  refundedAmount: {
    title: "What was refunded of the order so far, in minor units",
    schema: { type: "integer", minimum: 0 },
  },
  // -- notification
  notificationId: { title: "Stable id of one notification over all its attempts", schema: id },
  notificationAttempt: {
    title: "Attempts made so far",
    schema: { type: "integer", minimum: 0, maximum: 99 },
  },
  answerStatus: {
    title: "HTTP status of the merchant's last answer, 0 when there was none",
    schema: { type: "integer" },
  },
  answerDetail: {
    title: "Start of the merchant's last answer, or why there is none",
    schema: { type: "string" },
  },
  eventType: { title: "What the merchant is told, e.g. order.paid", schema: name(64) },
  eventAt: { title: "When it happened, epoch milliseconds", schema: epochMs },
  // -- callbacks
  callbackReply: {
    title: "What the institution is answered, in its own dialect",
    schema: {
      type: "object",
      properties: { status: { type: "integer" }, contentType: { type: "string" }, body: { type: "string" } },
      required: ["status", "contentType", "body"],
      additionalProperties: false,
    },
  },
  callbackHeaders: {
    title: "Headers of the institution's callback, lower-case names",
    schema: { type: "object", additionalProperties: { type: "string" } },
    class: "mask",
  },
  callbackBody: { title: "Raw body of the callback, base64", schema: { type: "string" }, class: "mask" },
} as const satisfies Dictionary;

/** TypeScript types of all fields; atoms take `Pick<Fields, ...>`. An interface is computed once, an alias each time. */
type FieldTypes = {
  -readonly [Name in keyof typeof dictionary]: FromSchema<(typeof dictionary)[Name]["schema"]>;
};
// An interface is computed once, an alias each time it is used.
export interface Fields extends FieldTypes {}
export type FieldName = keyof Fields;
