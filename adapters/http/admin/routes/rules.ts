/** Routing rules: in force, checked, changed, returned to an earlier version, tried on an order nobody places. */
import type { FastifyInstance } from "fastify";
import { problemOf } from "../../../../engine/errors.js";
import type { Row } from "../../../../engine/ports/index.js";
import type { RoutesResult } from "../../../../engine/registry/routes.js";
import type { DefinitionFile } from "../../../../engine/schema/definitions.js";
import { type Answer, json, problemAnswer } from "../../answer.js";
import { resource } from "../../server.js";
import { requireRight } from "../access.js";
import { authorIn, bodyOf, filesIn, invalid, optionalCountIn, optionalTextIn } from "../input.js";
import type { RouteServices, RouteTrial } from "../route-services.js";

export function ruleRoutes(app: FastifyInstance, services: RouteServices): void {
  resource(app, "/admin/v1/routes", {
    GET: requireRight("watch", async () => json(200, (await services.rules()) ?? { version: 0, rules: [] })),
  });
  resource(app, "/admin/v1/routes/history", {
    GET: requireRight("watch", async () => json(200, { history: await services.ruleHistory() })),
  });
  resource(app, "/admin/v1/routes/check", {
    POST: requireRight("watch", async (request) =>
      json(200, await services.checkRules(fileIn(bodyOf(request, ["files"])))),
    ),
  });
  resource(app, "/admin/v1/routes/apply", {
    POST: requireRight("routes.change", async (request) => {
      const body = bodyOf(request, ["files", "expectedVersion", "author", "reason"]);
      const expected = optionalCountIn(body, "expectedVersion");
      return answerOf(await services.applyRules(fileIn(body), authorIn(body), expected));
    }),
  });
  resource(app, "/admin/v1/routes/rollback", {
    POST: requireRight("routes.change", async (request) => {
      const body = bodyOf(request, ["version", "author", "reason"]);
      return answerOf(await services.rollbackRules(authorIn(body), optionalCountIn(body, "version")));
    }),
  });
  resource(app, "/admin/v1/routes/try", {
    POST: requireRight("watch", async (request) => json(200, await services.tryRoute(trialIn(request)))),
  });
}

/** The rules are one file. */
function fileIn(body: Row): DefinitionFile {
  const [file, ...more] = filesIn(body);
  if (!file || more.length > 0)
    throw invalid([{ pointer: "/files", message: "must be a list of one { path, text }" }]);
  return file;
}

function trialIn(request: Parameters<typeof bodyOf>[0]): RouteTrial {
  const names = ["amount", "currency", "type", "merchantId", "method", "business", "channel"];
  const body = bodyOf(request, names);
  const amount = optionalCountIn(body, "amount");
  if (amount === undefined) throw invalid([{ pointer: "/amount", message: "is missing" }]);
  const [method, business, channel] = ["method", "business", "channel"].map((name) =>
    optionalTextIn(body, name),
  );
  return {
    amount,
    currency: optionalTextIn(body, "currency") ?? "CNY",
    type: optionalTextIn(body, "type") ?? "pay",
    merchantId: optionalTextIn(body, "merchantId") ?? "",
    ...(method === undefined ? {} : { method }),
    ...(business === undefined ? {} : { business }),
    ...(channel === undefined ? {} : { channel }),
  };
}

function answerOf(result: RoutesResult): Answer {
  if (result.applied) return json(200, result);
  const { diagnostics, code } = result;
  const detail = `${diagnostics.length} mistakes; what was in force still is`;
  return problemAnswer({ ...problemOf(code, detail), ...{ diagnostics } });
}
