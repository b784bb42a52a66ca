/** `/v1/orders`: the short way to pay, and the reads: an order's state, or that of the run that may yet create it. */
import type { FastifyInstance, FastifyRequest } from "fastify";
import { errorTable, problemOf, ValenceError, type Problem } from "../../../../engine/errors.js";
import { deriveId, isId, timestampOf } from "../../../../engine/ids.js";
import type { Row } from "../../../../engine/ports/store.js";
import { json, problemAnswer, refuse, type Answer } from "../../answer.js";
import type { Caller } from "../authenticate.js";
import type { BridgeContext } from "../context.js";
import type { BridgeDeps } from "../deps.js";
import { nonceReused, nonceWrite } from "../nonces.js";
import { viewOfFields, viewOfRow } from "../orderView.js";
import { pathParameter, queryParameter } from "../../parameters.js";
import { signedRequest } from "../request.js";
import { resource } from "../../server.js";
import { submit } from "./transactions.js";

/** The type that `POST /v1/orders` stands for. */
export const ordersType = "pay";

export function orderRoutes(app: FastifyInstance, context: BridgeContext): void {
  resource(app, "/v1/orders", {
    POST: (request) => submit(context, ordersType, request),
    GET: (request) => findOrder(context, request),
  });
  resource(app, "/v1/orders/:orderId", { GET: (request) => readById(context, request) });
}

export const notFound = (): Error => refuse("not_found", "No such order of this merchant.");

/** `GET /v1/orders?merchantOrderId=`: the id follows from the merchant's own number. */
async function findOrder({ deps, authenticate }: BridgeContext, request: FastifyRequest): Promise<Answer> {
  const caller = await authenticate(signedRequest(request));
  const merchantOrderId = queryParameter(request, "merchantOrderId");
  if (!merchantOrderId) {
    throw refuse("field_missing", "Give the query parameter merchantOrderId, once.");
  }
  await consumeNonce(deps, caller);
  const order = await ownOrder(deps, caller, deriveId("order", caller.merchant.merchantId, merchantOrderId));
  if (!order) throw notFound();
  return json(200, viewOfRow(order));
}

async function readById({ deps, authenticate }: BridgeContext, request: FastifyRequest): Promise<Answer> {
  const caller = await authenticate(signedRequest(request));
  const orderId = pathParameter(request, "orderId");
  const asked = Object.hasOwn(Object(request.query), "run");
  const runId = asked ? queryParameter(request, "run") : undefined;
  if (!isId(orderId) || (asked && !(runId && isId(runId)))) throw notFound();
  await consumeNonce(deps, caller);
  return runId === undefined ? readOrder(deps, caller, orderId) : readRun(deps, caller, orderId, runId);
}

async function readOrder(deps: BridgeDeps, caller: Caller, orderId: string): Promise<Answer> {
  const order = await ownOrder(deps, caller, orderId);
  if (!order) throw notFound();
  return json(200, viewOfRow(order));
}

/**
 * Where a 202 points to. The order when this run logged it or ended well; the run's problem when it was rejected,
 * even though an order of that name exists (the same name with another amount, say); until then `processing`.
 */
async function readRun(deps: BridgeDeps, caller: Caller, orderId: string, runId: string): Promise<Answer> {
  // The run first: what an ended one has left behind is there when it is looked for afterwards.
  const run = await deps.readRun(runId);
  const order = await ownOrder(deps, caller, orderId);
  if (order?.["runId"] === runId) return json(200, viewOfRow(order));
  if (run && (run["merchantId"] !== caller.merchant.merchantId || run["orderId"] !== orderId))
    throw notFound();
  const problem = run?.["state"] === "ended" ? problemIn(run) : undefined;
  if (problem) return problemAnswer(problem);
  if (order) return json(200, viewOfRow(order));
  if (run?.["state"] === "ended") throw refuse("not_found", "The run has ended without leaving an order.");
  return json(200, processing(orderId, runId, run));
}

/** An order that belongs to the caller; another merchant's does not exist for him. */
async function ownOrder(deps: BridgeDeps, caller: Caller, orderId: string): Promise<Row | undefined> {
  const order = await deps.readOrder(orderId);
  return order?.["merchantId"] === caller.merchant.merchantId ? order : undefined;
}

/** Before the first stage has committed there is no row at all; the ids of the 202 are good all the same. */
function processing(orderId: string, runId: string, run: Row | undefined): Readonly<Record<string, unknown>> {
  return viewOfFields({ orderId, type: run?.["type"] }, timestampOf(runId));
}

export function problemIn(run: Row): Problem | undefined {
  const problem = run["problem"] as Partial<Problem> | null | undefined;
  if (!problem?.code) return undefined;
  // Rows outlive builds: a code this build does not know is still somebody's answer.
  return Object.hasOwn(errorTable, problem.code)
    ? { ...problemOf(problem.code, ""), ...problem }
    : (problem as Problem);
}

/** A unit of the nonce alone. Nothing else depends on it, so a repeat with a new nonce is always safe. */
export async function consumeNonce(deps: BridgeDeps, caller: Caller): Promise<void> {
  const result = await deps.store
    .commit({ writes: [nonceWrite(caller)], publish: [] })
    .catch((error: unknown) => {
      const detail = "It cannot be read now; sign and send the request again.";
      throw new ValenceError("unavailable", detail, { cause: error });
    });
  if (result.result === "conflict") throw nonceReused();
}
