/** The shapes of the document that do not depend on the definitions. */
import type { JSONSchema } from "json-schema-to-ts";
import type { FieldSpec } from "../../../../engine/dictionary.js";
import type { ErrorCode } from "../../../../engine/errors.js";

/** JSON Schema as it stands in OpenAPI: the dictionary's, with formats that other tools know. */
export type DocumentSchema = Readonly<Record<string, unknown>>;

/** A field with its meaning and example. `http-url` is ours; the world calls it `uri`. */
export function fieldSchema(spec: FieldSpec): DocumentSchema {
  const schema = spec.schema as Exclude<JSONSchema, boolean>;
  return {
    ...schema,
    ...(schema.format === "http-url" ? { format: "uri" } : {}),
    description: spec.title,
    ...(spec.example === undefined ? {} : { examples: [spec.example] }),
  };
}

const text = (description: string): DocumentSchema => ({ type: "string", description });
const moment = (description: string): DocumentSchema => ({
  type: "string",
  format: "date-time",
  description,
});

export const orderSchema: DocumentSchema = {
  type: "object",
  properties: {
    orderId: { type: "string", format: "uuid", description: "Our order number" },
    merchantOrderId: text("The merchant's own order number"),
    channelOrderId: text("The channel's number of the payment"),
    type: text("Transaction type"),
    status: {
      type: "string",
      enum: ["processing", "requires_action", "paid", "failed", "closed", "refunded", "partially_refunded"],
    },
    amount: { type: "integer", description: "Minor units of the currency" },
    currency: text("ISO 4217 currency code"),
    refundedAmount: {
      type: "integer",
      description: "Refunded so far, in minor units; absent while it is nothing",
    },
    channel: text("The channel that carries the payment"),
    action: {
      type: "object",
      description: "What the payer has to do next",
      properties: { kind: { type: "string", enum: ["redirect", "qr", "form", "sdk"] } },
      required: ["kind"],
    },
    error: { $ref: "#/components/schemas/Problem" },
    createdAt: moment("When the order was logged"),
    updatedAt: moment("When the order last changed"),
  },
  required: ["orderId", "status", "createdAt", "updatedAt"],
};

export const refundSchema: DocumentSchema = {
  type: "object",
  properties: {
    refundId: { type: "string", format: "uuid", description: "Our number of the refund" },
    merchantRefundId: text("The merchant's own number of the refund"),
    orderId: { type: "string", format: "uuid", description: "Our number of the order" },
    merchantOrderId: text("The merchant's own order number"),
    channelRefundId: text("The channel's number of the refund"),
    amount: { type: "integer", description: "Minor units of the currency" },
    currency: text("ISO 4217 currency code"),
    status: { type: "string", enum: ["processing", "refunded", "failed"] },
    reason: text("Why it is refunded"),
    error: { $ref: "#/components/schemas/Problem" },
    createdAt: moment("When the refund was logged"),
    updatedAt: moment("When the refund last changed"),
  },
  required: ["refundId", "status", "createdAt", "updatedAt"],
};

export const problemSchema = (codes: readonly ErrorCode[]): DocumentSchema => ({
  type: "object",
  description: "RFC 9457. `code` says what to do; it is never renamed.",
  properties: {
    type: text("urn:valence:problem:<code>"),
    title: text("The code in words"),
    status: { type: "integer" },
    code: { type: "string", enum: codes },
    detail: text("What happened here, for people"),
    errors: {
      type: "array",
      description: "Every mistake of the body",
      items: {
        type: "object",
        properties: { pointer: text("JSON pointer into the body"), message: { type: "string" } },
        required: ["pointer", "message"],
      },
    },
  },
  required: ["type", "title", "status", "code", "detail"],
});
