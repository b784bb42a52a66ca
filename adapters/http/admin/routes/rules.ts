/** Routing rules: in force, checked, changed, returned to an earlier version. */
import type { FastifyInstance } from "fastify";
import type { Diagnostic } from "../../../../engine/compiler/plan.js";
import { problemOf } from "../../../../engine/errors.js";
import type { Row } from "../../../../engine/ports/index.js";
import type { RoutesResult } from "../../../../engine/registry/routes.js";
import type { DefinitionFile } from "../../../../engine/schema/definitions.js";
import { type Answer, json, problemAnswer } from "../../answer.js";
import { resource } from "../../server.js";
import { requireRight } from "../access.js";
import { authorIn, bodyOf, filesIn, invalid, optionalCountIn } from "../input.js";
import type { RouteServices } from "../route-services.js";

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
      const body = bodyOf(request, ["version", "expectedVersion", "author", "reason"]);
      const [to, expected] = ["version", "expectedVersion"].map((name) => optionalCountIn(body, name));
      return answerOf(await services.rollbackRules(authorIn(body), to, expected));
    }),
  });
}

/** The rules are one file. */
export function fileIn(body: Row): DefinitionFile {
  const [file, ...more] = filesIn(body);
  if (!file || more.length > 0)
    throw invalid([{ pointer: "/files", message: "must be a list of one { path, text }" }]);
  return file;
}

const answerOf = (result: RoutesResult): Answer =>
  result.applied ? json(200, result) : unsound(result.diagnostics);

/** Nothing was changed, and every mistake is named. */
export function unsound(diagnostics: readonly Diagnostic[]): Answer {
  const detail = `${diagnostics.length} mistakes; what was in force still is`;
  return problemAnswer({ ...problemOf("rules_unsound", detail), ...{ diagnostics } });
}
