/** `POST /v1/orders/{orderId}/close`: an unpaid order is closed, at its channel too. */
import type { FastifyInstance, FastifyRequest } from "fastify";
import { isId } from "../../../../engine/ids.js";
import type { Accepted } from "../accept.js";
import { json, refuse, type Answer } from "../../answer.js";
import { parseObject } from "../../body.js";
import type { BridgeContext } from "../context.js";
import { viewOfFields } from "../orderView.js";
import { pathParameter } from "../../parameters.js";
import { signedRequest } from "../request.js";
import { resource } from "../../server.js";
import { notFound } from "./orders.js";
import { activeCaller, start } from "./transactions.js";

/** The type that a close stands for. */
export const closeType = "close";

export function closeRoutes(app: FastifyInstance, context: BridgeContext): void {
  resource(app, "/v1/orders/:orderId/close", { POST: (request) => close(context, request) });
}

/** It takes no body; `{}` is none. Whether there is such an order of the merchant, the flow finds out. */
async function close(context: BridgeContext, request: FastifyRequest): Promise<Answer> {
  const signed = signedRequest(request);
  const caller = await activeCaller(context, signed);
  const orderId = pathParameter(request, "orderId");
  if (!isId(orderId)) throw notFound();
  const active = context.deps.catalogue.type(closeType);
  if (!active) throw refuse("type_unknown", "No flow closes orders now.");
  const body = signed.body.length === 0 ? {} : parseObject(request.headers["content-type"], signed.body);
  context.validateBody(active, body);
  return start(context, { caller, active, body, orderId }, answerOf);
}

/** 200 when it is closed. 202 while its channel has not confirmed it: until then it may still be paid. */
function answerOf({ runId, orderId, acceptedAtMs, reply }: Accepted): Answer {
  const closed = reply?.fields["orderStatus"] === "closed";
  const view = viewOfFields({ orderId, ...reply?.fields }, acceptedAtMs);
  const location = closed ? `/v1/orders/${orderId}` : `/v1/orders/${orderId}?run=${runId}`;
  return json(closed ? 200 : 202, view, { location });
}
