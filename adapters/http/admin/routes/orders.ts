/** Orders: found, explained, acted upon; and a parked run let go on. */
import { randomUUID } from "node:crypto";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { isId } from "../../../../engine/ids.js";
import type { OrderActionName, Row } from "../../../../engine/ports/index.js";
import type { Right } from "../../../../engine/registry/rights.js";
import { type Answer, json, refuse } from "../../answer.js";
import { pathParameter } from "../../parameters.js";
import { resource } from "../../server.js";
import { requireRight } from "../access.js";
import { authorIn, bodyOf, invalid, optionalCountIn, optionalTextIn } from "../input.js";
import { orderQueryOf } from "../order-query.js";
import type { ActionDone, AskedAction, OrderServices } from "../order-services.js";

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const asked = ["actionId", "author", "reason"];

export function orderRoutes(app: FastifyInstance, services: OrderServices): void {
  resource(app, "/admin/v1/orders", {
    GET: requireRight("orders.read", async (request) =>
      json(200, await services.search(orderQueryOf(request))),
    ),
  });
  resource(app, "/admin/v1/orders/:id", {
    GET: requireRight("orders.read", async (request) => {
      const story = await services.story(pathParameter(request, "id"));
      if (!story) throw refuse("not_found", "No order and no run is known under this id or merchantOrderId.");
      return json(200, story);
    }),
  });
  const action = (
    name: OrderActionName,
    right: Right,
    read: (request: FastifyRequest) => AskedAction,
  ): void =>
    resource(app, `/admin/v1/orders/:id/${name}`, {
      POST: requireRight(right, async (request) =>
        answerOf(await services.act(pathParameter(request, "id"), read(request))),
      ),
    });
  action("inquire", "orders.act", (request) => ({ action: "inquire", ...requestIn(bodyOf(request, asked)) }));
  action("close", "orders.act", (request) => ({ action: "close", ...requestIn(bodyOf(request, asked)) }));
  action("resend", "orders.act", (request) => {
    const body = bodyOf(request, [...asked, "notificationId"]);
    return { action: "resend", ...requestIn(body), ...text(body, "notificationId") };
  });
  action("refund", "orders.refund", (request) => {
    const body = bodyOf(request, [...asked, "amount", "merchantRefundId"]);
    const amountMinor = optionalCountIn(body, "amount");
    if (amountMinor === 0) throw invalid([{ pointer: "/amount", message: "must be at least 1 minor unit" }]);
    return {
      action: "refund",
      ...requestIn(body),
      ...(amountMinor === undefined ? {} : { amountMinor }),
      ...text(body, "merchantRefundId"),
    };
  });
  resource(app, "/admin/v1/runs/:runId/release", {
    POST: requireRight("orders.act", async (request) => {
      const runId = pathParameter(request, "runId");
      const body = bodyOf(request, [...asked, "stage", "decided"]);
      const by = authorIn(body);
      if (!isId(runId)) throw refuse("not_found", "This is no id of a run.");
      // Released twice it is refused anyway: the park is the guard.
      const actionId = body["actionId"] === undefined ? randomUUID() : actionIdIn(body);
      return answerOf(
        await services.release({ runId, actionId, by, ...text(body, "stage"), ...decidedIn(body) }),
      );
    }),
  });
}

/** 202: it is under way, and where to see it. 200: it was asked for before. */
const answerOf = (done: ActionDone): Answer =>
  json(
    done.repeated ? 200 : 202,
    done,
    done.orderId === undefined ? {} : { location: `/admin/v1/orders/${done.orderId}` },
  );

const requestIn = (body: Row): Pick<AskedAction, "actionId" | "by"> => ({
  actionId: actionIdIn(body),
  by: authorIn(body),
});

/** The client's own name for what it asks: the same one is carried out once. */
function actionIdIn(body: Row): string {
  const actionId = body["actionId"];
  if (typeof actionId === "string" && uuid.test(actionId)) return actionId;
  throw invalid([{ pointer: "/actionId", message: "must be a UUID of your own; a repeat carries the same" }]);
}

const text = <Name extends string>(body: Row, name: Name): { readonly [N in Name]?: string } => {
  const value = optionalTextIn(body, name);
  return value === undefined ? {} : ({ [name]: value } as { readonly [N in Name]?: string });
};

function decidedIn(body: Row): { readonly decided?: Row } {
  const decided = body["decided"];
  if (decided === undefined) return {};
  if (typeof decided === "object" && decided !== null && !Array.isArray(decided))
    return { decided: decided as Row };
  throw invalid([{ pointer: "/decided", message: "must be an object of fields" }]);
}
