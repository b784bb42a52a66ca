/** Definitions: what is in force, what would be, and putting it in force without a restart. */
import type { FastifyInstance } from "fastify";
import { describePlan, summarizePlan } from "../../../../engine/compiler/describe.js";
import { drawFlow } from "../../../../engine/compiler/draw.js";
import { problemOf } from "../../../../engine/errors.js";
import type { ApplyResult } from "../../../../engine/registry/definitions.js";
import { type Answer, json, problemAnswer, refuse } from "../../answer.js";
import { pathParameter } from "../../parameters.js";
import { resource } from "../../server.js";
import { requireRight } from "../access.js";
import { authorIn, bodyOf, filesIn } from "../input.js";
import type { AdminServices } from "../services.js";

export function flowRoutes(app: FastifyInstance, services: AdminServices): void {
  resource(app, "/admin/v1/flows", {
    GET: requireRight("watch", async () => json(200, { flows: await services.flows() })),
  });
  resource(app, "/admin/v1/flows/plan/:type", {
    GET: requireRight("watch", (request) => {
      const plan = services.planOf(pathParameter(request, "type"));
      if (!plan) throw refuse("type_unknown", "GET /admin/v1/flows lists the types there are.");
      const drawing = drawFlow(plan);
      return json(200, { plan, summary: summarizePlan(plan), text: describePlan(plan), drawing });
    }),
  });
  resource(app, "/admin/v1/flows/check", {
    POST: requireRight("watch", (request) => {
      const result = services.check(filesIn(bodyOf(request, ["files"])));
      if (!result.ok) return json(200, result);
      const flows = result.compiled.plans.map(({ flow, title, hash }) => ({ flow, title, hash }));
      return json(200, { ok: true, flows, types: result.compiled.types });
    }),
  });
  resource(app, "/admin/v1/flows/apply", {
    POST: requireRight("flows.change", async (request) => {
      const body = bodyOf(request, ["files", "author", "reason"]);
      return answerOf(await services.apply(filesIn(body), authorIn(body)));
    }),
  });
  resource(app, "/admin/v1/flows/:flow/rollback", {
    POST: requireRight("flows.change", async (request) => {
      const by = authorIn(bodyOf(request, ["author", "reason"]));
      return answerOf(await services.rollback(pathParameter(request, "flow"), by));
    }),
  });
}

/** What was not applied says everything that is in its way, as extension members of the problem. */
function answerOf(result: ApplyResult): Answer {
  if (result.applied) return json(200, result);
  if (result.code === "definitions_unsound") {
    const { diagnostics } = result;
    const detail = `${diagnostics.length} mistakes; what was in force still is`;
    return problemAnswer({ ...problemOf(result.code, detail), ...{ diagnostics } });
  }
  const { missing } = result;
  return problemAnswer({ ...problemOf(result.code, missing.join("; ")), ...{ missing } });
}
