/** OpenAPI 3.1, made of the definitions in force: a type that is applied is documented without a release. */
import type { Dictionary } from "../../../../engine/dictionary.js";
import type { ErrorCode } from "../../../../engine/errors.js";
import type { ActiveType, Catalogue } from "../../../../engine/registry/catalogue.js";
import { schemes } from "../../authorization.js";
import { bodyFields, bodySchema, isCallable, type BodyField } from "../bodySchema.js";
import { closeType } from "../routes/close.js";
import { ordersType } from "../routes/orders.js";
import { byStatus, callbackCodes, closeCodes, readCodes, submitCodes } from "./codes.js";
import { fieldSchema, orderSchema, problemSchema, type DocumentSchema } from "./schemas.js";

export interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly description?: string;
  readonly security?: readonly DocumentSchema[];
  readonly parameters?: readonly DocumentSchema[];
  readonly requestBody?: { readonly required: true; readonly content: DocumentSchema };
  readonly responses: Readonly<Record<string, DocumentSchema>>;
}

export interface OpenApiDocument {
  readonly openapi: "3.1.0";
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly servers: readonly { readonly url: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, DocumentSchema>>;
    readonly securitySchemes: Readonly<Record<string, DocumentSchema>>;
  };
}

const authentication =
  '`Authorization: <scheme> merchant_id="…",key_id="…",timestamp="<unix seconds>",nonce="…",signature="<base64>"`, ' +
  "signed over `METHOD`, path with query, timestamp, nonce and raw body, each followed by a line feed. The timestamp " +
  "may be 300 s off; a nonce (8 to 64 of `A-Za-z0-9_-`) is good once.";

export function openApi(
  catalogue: Catalogue,
  dictionary: Dictionary,
  systemFields: readonly string[],
): OpenApiDocument {
  const types = catalogue.types().filter(isCallable);
  const fieldsOf = (active: ActiveType): readonly BodyField[] => bodyFields(active, dictionary, systemFields);
  const pay = types.find((active) => active.type === ordersType);
  const typeCodes = types.flatMap((active) => problemCodes(fieldsOf(active)));
  const codes = [...new Set([...submitCodes, ...readCodes, ...callbackCodes, ...closeCodes, ...typeCodes])];
  return {
    openapi: "3.1.0",
    info: {
      title: "Valence bridge",
      version: String(catalogue.version),
      description:
        "Amounts are integers in minor units. Errors are problems (RFC 9457). Bodies are at most 64 KiB.",
    },
    servers: [{ url: "/" }],
    paths: {
      ...Object.fromEntries(
        types.map((active) => [
          `/v1/transactions/${active.type}`,
          { post: submission(active, fieldsOf(active), `submit_${active.type}`) },
        ]),
      ),
      "/v1/orders": {
        ...(pay ? { post: submission(pay, fieldsOf(pay), "submit_order") } : {}),
        get: findOperation,
      },
      "/v1/orders/{orderId}": { get: readOperation },
      ...(catalogue.type(closeType) ? { "/v1/orders/{orderId}/close": { post: closeOperation } } : {}),
      "/channels/{channel}/notify": { post: callbackOperation },
      "/healthz": { get: probe("healthz", "Whether the process answers", false) },
      "/readyz": { get: probe("readyz", "Whether the bridge takes work", true) },
      "/metrics": { get: probe("metrics", "Prometheus metrics", false) },
    },
    components: {
      schemas: { Order: orderSchema, Problem: problemSchema(codes) },
      securitySchemes: {
        hmac: { type: "http", scheme: schemes["hmac-sha256"], description: authentication },
        rsa: { type: "http", scheme: schemes["rsa-sha256"], description: authentication },
      },
    },
  };
}

const security: readonly DocumentSchema[] = [{ hmac: [] }, { rsa: [] }];
const reference = (name: string): DocumentSchema => ({ $ref: `#/components/schemas/${name}` });

const answersOrder = (description: string, location = false): DocumentSchema => ({
  description,
  ...(location ? { headers: { Location: { schema: { type: "string" }, description: "Good at once" } } } : {}),
  content: { "application/json": { schema: reference("Order") } },
});

const problems = (codes: readonly ErrorCode[]): Readonly<Record<string, DocumentSchema>> =>
  Object.fromEntries(
    [...byStatus(codes)].map(([status, named]) => [
      String(status),
      {
        description: named.map((code) => `\`${code}\``).join(", "),
        content: { "application/problem+json": { schema: reference("Problem") } },
      },
    ]),
  );

const problemCodes = (fields: readonly BodyField[]): readonly ErrorCode[] => [
  ...fields.flatMap((field) => Object.values(field.spec.problems ?? {})),
  ...(fields.some((field) => field.name === "notifyUrl") ? (["notify_url_forbidden"] as const) : []),
];

const submission = (active: ActiveType, fields: readonly BodyField[], operationId: string): Operation => ({
  operationId,
  summary: active.title,
  security,
  parameters: [
    {
      name: "Idempotency-Key",
      in: "header",
      required: false,
      description: "Names the request where the body has no merchantOrderId",
      schema: { type: "string", minLength: 1, maxLength: 255 },
    },
  ],
  requestBody: {
    required: true,
    content: { "application/json": { schema: bodySchema(fields, (field) => fieldSchema(field.spec)) } },
  },
  responses: {
    "200": answersOrder("The order this merchantOrderId named before, in its present state"),
    "201": answersOrder("Decided, or the payer has to act", true),
    "202": answersOrder("Accepted and still under way", true),
    ...problems([...submitCodes, ...problemCodes(fields)]),
  },
});

const findOperation: Operation = {
  operationId: "find_order",
  summary: "An order by the merchant's own number",
  security,
  parameters: [{ name: "merchantOrderId", in: "query", required: true, schema: { type: "string" } }],
  responses: { "200": answersOrder("The order"), ...problems(readCodes) },
};

const readOperation: Operation = {
  operationId: "read_order",
  summary: "An order by our number",
  description: "With `run`, as a 202 points to it, the answer is `processing` until the order exists.",
  security,
  parameters: [
    { name: "orderId", in: "path", required: true, schema: { type: "string", format: "uuid" } },
    { name: "run", in: "query", required: false, schema: { type: "string", format: "uuid" } },
  ],
  responses: { "200": answersOrder("The order"), ...problems(readCodes) },
};

const closeOperation: Operation = {
  operationId: "close_order",
  summary: "Close an unpaid order, at its channel too",
  description:
    "Takes no body. What is paid is refused with `order_paid`: refund it. A payment that succeeds after the close is " +
    "given back, or pays the order after all, as the operator has configured it.",
  security,
  parameters: [{ name: "orderId", in: "path", required: true, schema: { type: "string", format: "uuid" } }],
  responses: {
    "200": answersOrder("The order is closed"),
    "202": answersOrder("Its channel has not confirmed the close yet", true),
    ...problems(closeCodes),
  },
};

const callbackOperation: Operation = {
  operationId: "channel_notify",
  summary: "An institution's own callback",
  description: "Verified and answered by the channel's module, in the institution's dialect.",
  parameters: [{ name: "channel", in: "path", required: true, schema: { type: "string" } }],
  responses: { "200": { description: "Whatever the institution expects" }, ...problems(callbackCodes) },
};

const probe = (operationId: string, summary: string, mayFail: boolean): Operation => ({
  operationId,
  summary,
  responses: { "200": { description: "Yes" }, ...(mayFail ? { "503": { description: "No, and why" } } : {}) },
});
