/**
 * `POST /v1/orders/{orderId}/refunds` and `GET /v1/refunds/{refundId}`. The refund's id follows from merchant and
 * merchantRefundId, so a 202 can point to it before anything was looked up.
 */
import type { FastifyInstance, FastifyRequest } from "fastify";
import { deriveId, isId, timestampOf } from "../../../../engine/ids.js";
import type { Row } from "../../../../engine/ports/store.js";
import type { Accepted } from "../accept.js";
import { json, problemAnswer, refuse, type Answer } from "../../answer.js";
import { parseObject } from "../../body.js";
import type { BridgeContext } from "../context.js";
import { pathParameter, queryParameter } from "../../parameters.js";
import { refundOfFields, refundOfRow } from "../refundView.js";
import { signedRequest } from "../request.js";
import { resource } from "../../server.js";
import { consumeNonce, notFound, problemIn } from "./orders.js";
import { activeCaller, start } from "./transactions.js";

/** The type that refunds are runs of. */
export const refundType = "refund";

export function refundRoutes(app: FastifyInstance, context: BridgeContext): void {
  resource(app, "/v1/orders/:orderId/refunds", { POST: (request) => submitRefund(context, request) });
  resource(app, "/v1/refunds/:refundId", { GET: (request) => readRefund(context, request) });
}

/** Whether the order is the merchant's, is paid and has enough left is the flow's business: it alone sees it unraced. */
async function submitRefund(context: BridgeContext, request: FastifyRequest): Promise<Answer> {
  const signed = signedRequest(request);
  const caller = await activeCaller(context, signed);
  const active = context.deps.catalogue.type(refundType);
  if (!active) throw refuse("type_unknown", "No flow refunds orders now.");
  const orderId = pathParameter(request, "orderId");
  if (!isId(orderId)) throw notFound();
  const body = parseObject(request.headers["content-type"], signed.body);
  context.validateBody(active, body);
  const refundId = deriveId("refund", caller.merchant.merchantId, String(body["merchantRefundId"]));
  return start(context, { caller, active, body, orderId }, (accepted) => answerOf(accepted, refundId));
}

function answerOf({ runId, acceptedAtMs, fields, reply }: Accepted, refundId: string): Answer {
  const view = refundOfFields({ ...fields, refundId, ...reply?.fields }, acceptedAtMs);
  const location = `/v1/refunds/${refundId}`;
  if (reply?.fields["repeated"] === true) return json(200, view, { location });
  if (view["status"] === "processing") return json(202, view, { location: `${location}?run=${runId}` });
  return json(201, view, { location });
}

/**
 * With `run`, as a 202 points to it: the refund when this run logged it; the run's problem when it was rejected, even
 * though a refund of that number exists (for another amount, say); until then `processing`.
 */
async function readRefund({ deps, authenticate }: BridgeContext, request: FastifyRequest): Promise<Answer> {
  const caller = await authenticate(signedRequest(request));
  const refundId = pathParameter(request, "refundId");
  const asked = Object.hasOwn(Object(request.query), "run");
  const runId = asked ? queryParameter(request, "run") : undefined;
  if (!isId(refundId) || (asked && !(runId && isId(runId)))) throw noRefund();
  await consumeNonce(deps, caller);
  const { merchantId } = caller.merchant;
  // The run first: what an ended one has left behind is there when it is looked for afterwards.
  const run = runId === undefined ? undefined : await deps.readRun(runId);
  const row = await deps.readRefund(refundId);
  const refund = row?.["merchantId"] === merchantId ? row : undefined;
  if (runId === undefined || refund?.["runId"] === runId) {
    if (!refund) throw noRefund();
    return json(200, refundOfRow(refund));
  }
  if (run && (run["merchantId"] !== merchantId || run["type"] !== refundType)) throw noRefund();
  return answerOfRun({ refundId, runId, run, refund });
}

function answerOfRun(seen: {
  readonly refundId: string;
  readonly runId: string;
  readonly run: Row | undefined;
  readonly refund: Row | undefined;
}): Answer {
  const { refundId, runId, run, refund } = seen;
  const problem = run?.["state"] === "ended" ? problemIn(run) : undefined;
  if (problem) return problemAnswer(problem);
  if (refund) return json(200, refundOfRow(refund));
  if (run?.["state"] === "ended") throw noRefund();
  // Before the first stage has committed there is no row at all; the ids of the 202 are good all the same.
  return json(200, refundOfFields({ refundId, orderId: run?.["orderId"] }, timestampOf(runId)));
}

const noRefund = (): Error => refuse("not_found", "No such refund of this merchant.");
