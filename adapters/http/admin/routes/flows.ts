/** Flows in force and about to be: lists, plans, graphs; checking and putting in force without a restart. */
import type { FastifyInstance } from "fastify";
import { describePlan, summarizePlan } from "../../../../engine/compiler/describe.js";
import { drawFlow } from "../../../../engine/compiler/draw.js";
import { graphOf } from "../../../../engine/compiler/graph.js";
import { problemOf } from "../../../../engine/errors.js";
import type { ApplyResult, VersionLine } from "../../../../engine/registry/definitions.js";
import { type Answer, json, problemAnswer, refuse } from "../../answer.js";
import { pathParameter, queryParameter } from "../../parameters.js";
import { resource } from "../../server.js";
import { requireRight } from "../access.js";
import type { DefinitionServices } from "../definition-services.js";
import { authorIn, bodyOf, filesIn, optionalCountIn, versionFrom } from "../input.js";

export function flowRoutes(app: FastifyInstance, services: DefinitionServices): void {
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
  resource(app, "/admin/v1/flows/:flow/graph", {
    GET: requireRight("watch", async (request) => {
      const version = queryParameter(request, "version");
      const wanted = version === undefined ? undefined : versionFrom(version);
      const plan = await services.planIn(pathParameter(request, "flow"), wanted);
      return json(200, { graph: graphOf(plan, services.atoms), summary: summarizePlan(plan) });
    }),
  });
  resource(app, "/admin/v1/flows/:flow/counts", {
    GET: requireRight("watch", async (request) =>
      json(200, await services.counts(pathParameter(request, "flow"))),
    ),
  });
  resource(app, "/admin/v1/flows/rates", {
    GET: requireRight("watch", async () => json(200, { perMinute: await services.perMinute() })),
  });
  resource(app, "/admin/v1/flows/check", {
    POST: requireRight("watch", (request) => {
      const result = services.check(filesIn(bodyOf(request, ["files"])));
      if (!result.ok) return json(200, result);
      const flows = result.compiled.plans.map((plan) => ({
        ...{ flow: plan.flow, title: plan.title, hash: plan.hash },
        graph: graphOf(plan, services.atoms),
        summary: summarizePlan(plan),
      }));
      return json(200, { ok: true, flows, types: result.compiled.types });
    }),
  });
  resource(app, "/admin/v1/flows/apply", {
    POST: requireRight("flows.change", async (request) => {
      const body = bodyOf(request, ["files", "expectedVersion", "author", "reason"]);
      const expected = optionalCountIn(body, "expectedVersion");
      return answerOf(await services.apply(filesIn(body), authorIn(body), expected));
    }),
  });
  resource(app, "/admin/v1/flows/:flow/rollback", {
    POST: requireRight("flows.change", async (request) => {
      const body = bodyOf(request, ["expectedVersion", "author", "reason"]);
      const expected = optionalCountIn(body, "expectedVersion");
      return answerOf(await services.rollback(pathParameter(request, "flow"), authorIn(body), expected));
    }),
  });
}

/** What was not applied says everything that is in its way, as extension members of the problem. */
export function answerOf(result: ApplyResult): Answer {
  if (result.applied) return json(200, result);
  if (result.code === "definitions_unsound") {
    const { diagnostics } = result;
    const detail = `${diagnostics.length} mistakes; what was in force still is`;
    return problemAnswer({ ...problemOf(result.code, detail), ...{ diagnostics } });
  }
  if (result.code === "definitions_superseded") {
    const { code, inForce } = result;
    return problemAnswer({ ...problemOf(code, fasterOf(inForce)), ...(inForce ? { inForce } : {}) });
  }
  const { missing } = result;
  return problemAnswer({ ...problemOf(result.code, missing.join("; ")), ...{ missing } });
}

const fasterOf = (inForce: VersionLine | undefined): string =>
  inForce
    ? `version ${inForce.version} is in force, by ${inForce.author} at ${new Date(inForce.atMs).toISOString()}: ` +
      `${inForce.reason}; look at the difference, then repeat with expectedVersion ${inForce.version}`
    : "nothing is in force; repeat with expectedVersion 0";
