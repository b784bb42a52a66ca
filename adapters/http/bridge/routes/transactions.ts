/** `POST /v1/transactions/{type}`: a body becomes a run, and the run's reply the answer. */
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Row } from "../../../../engine/ports/store.js";
import type { ActiveType } from "../../../../engine/registry/catalogue.js";
import { accept, type Accepted, type AcceptRequest } from "../accept.js";
import { json, problemAnswer, refuse, type Answer } from "../../answer.js";
import { parseObject } from "../../body.js";
import { isCallable } from "../bodySchema.js";
import type { BridgeContext } from "../context.js";
import { viewOfFields } from "../orderView.js";
import { headerOf, pathParameter } from "../../parameters.js";
import { signedRequest } from "../request.js";
import type { Caller, SignedRequest } from "../authenticate.js";
import { resource } from "../../server.js";

export function transactionRoutes(app: FastifyInstance, context: BridgeContext): void {
  resource(app, "/v1/transactions/:type", {
    POST: (request) => submit(context, pathParameter(request, "type"), request),
  });
}

/** The checks stand in the order of what they reveal: nothing about types or fields to whoever is not known. */
export async function submit(context: BridgeContext, type: string, request: FastifyRequest): Promise<Answer> {
  const signed = signedRequest(request);
  const caller = await activeCaller(context, signed);
  const active = context.deps.catalogue.type(type);
  if (!active || !isCallable(active))
    throw refuse("type_unknown", "See /openapi.json for the types there are.");
  const body = parseObject(request.headers["content-type"], signed.body);
  context.validateBody(active, body);
  checkNotifyUrl(context, body);
  const idempotencyKey = readIdempotencyKey(request);
  return start(context, { caller, active, body, idempotencyKey }, answerOf);
}

/** @throws Refusal when who asks may not start anything */
export async function activeCaller(context: BridgeContext, signed: SignedRequest): Promise<Caller> {
  const caller = await context.authenticate(signed);
  if (caller.merchant.status !== "active")
    throw refuse("merchant_frozen", "A frozen merchant cannot start anything.");
  return caller;
}

/** Makes the request durable, waits a moment for the flow, and says what came of it. */
export async function start(
  context: BridgeContext,
  request: AcceptRequest,
  answerWith: (accepted: Accepted) => Answer,
): Promise<Answer> {
  const accepted = await accept(context.deps, context.waiters, request);
  const answer = accepted.reply?.problem ? problemAnswer(accepted.reply.problem) : answerWith(accepted);
  logAccepted(context, request.active, accepted, answer.status);
  return answer;
}

function checkNotifyUrl({ deps }: BridgeContext, body: Row): void {
  const url = body["notifyUrl"];
  if (typeof url !== "string") return;
  const verdict = deps.checkNotifyUrl(url, { allowLoopback: deps.settings.allowLoopbackNotify });
  if (!verdict.ok) {
    throw refuse("notify_url_forbidden", verdict.why, [{ pointer: "/notifyUrl", message: verdict.why }]);
  }
}

/** Visible ASCII, which also refuses the header given twice: node joins the two with ", ". */
const idempotencyKeyShape = /^[\x21-\x7e]{1,255}$/;

function readIdempotencyKey(request: FastifyRequest): string | undefined {
  const key = headerOf(request, "idempotency-key");
  if (key !== undefined && !idempotencyKeyShape.test(key)) {
    throw refuse("field_invalid", "Idempotency-Key takes 1 to 255 visible ASCII characters, once.");
  }
  return key;
}

function answerOf(accepted: Accepted): Answer {
  const { runId, orderId, acceptedAtMs, fields, reply } = accepted;
  const { type, merchantOrderId, amount, currency } = fields;
  const view = viewOfFields(
    { orderId, type, merchantOrderId, amount, currency, ...reply?.fields },
    acceptedAtMs,
  );
  const repeated = reply?.fields["repeated"] === true;
  if (view["status"] === "processing" && !repeated) {
    return json(202, view, { location: `/v1/orders/${orderId}?run=${runId}` });
  }
  // A repeated submission gets the order it named, whatever has become of it.
  return json(repeated ? 200 : 201, view, { location: `/v1/orders/${orderId}` });
}

function logAccepted({ deps }: BridgeContext, active: ActiveType, accepted: Accepted, status: number): void {
  deps.telemetry.log("info", {
    event: "request.accepted",
    type: active.type,
    merchantId: accepted.fields["merchantId"],
    orderId: accepted.orderId,
    runId: accepted.runId,
    status,
    elapsedMs: deps.clock.nowMs() - accepted.acceptedAtMs,
  });
}
