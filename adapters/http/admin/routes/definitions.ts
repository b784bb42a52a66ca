/** Definitions as text: what is in force and was, what a change would change, a line for a new transaction type. */
import type { FastifyInstance } from "fastify";
import type { Row } from "../../../../engine/ports/index.js";
import type { DefinitionFile, TypeDefinition } from "../../../../engine/schema/definitions.js";
import { json } from "../../answer.js";
import { pathParameter } from "../../parameters.js";
import { resource } from "../../server.js";
import { requireRight } from "../access.js";
import type { DefinitionServices } from "../definition-services.js";
import {
  authorIn,
  bodyOf,
  filesIn,
  invalid,
  nameIn,
  objectIn,
  optionalCountIn,
  optionalTextIn,
  versionFrom,
} from "../input.js";
import { answerOf } from "./flows.js";

const replayedDefault = 50;
const replayedMax = 200;

export function definitionRoutes(app: FastifyInstance, services: DefinitionServices): void {
  resource(app, "/admin/v1/vocabulary", {
    GET: requireRight("watch", async () => json(200, await services.vocabulary())),
  });
  resource(app, "/admin/v1/flows/definitions", {
    GET: requireRight("watch", async () => json(200, (await services.active()) ?? { version: 0, files: [] })),
  });
  resource(app, "/admin/v1/flows/history", {
    GET: requireRight("watch", async () => json(200, { history: await services.history() })),
  });
  resource(app, "/admin/v1/flows/versions/:version", {
    GET: requireRight("watch", async (request) =>
      json(200, await services.version(versionFrom(pathParameter(request, "version")))),
    ),
  });
  resource(app, "/admin/v1/flows/rollback", {
    POST: requireRight("flows.change", async (request) => {
      const body = bodyOf(request, ["version", "expectedVersion", "author", "reason"]);
      const version = optionalCountIn(body, "version");
      if (version === undefined) throw invalid([{ pointer: "/version", message: "is missing" }]);
      const expected = optionalCountIn(body, "expectedVersion");
      return answerOf(await services.rollbackTo(version, authorIn(body), expected));
    }),
  });
  resource(app, "/admin/v1/flows/compare", {
    POST: requireRight("watch", async (request) =>
      json(200, await services.compare(filesIn(bodyOf(request, ["files"])))),
    ),
  });
  resource(app, "/admin/v1/flows/replay", {
    POST: requireRight("flows.change", async (request) => {
      const body = bodyOf(request, ["files", "flow", "count"]);
      const replay = { files: filesIn(body), flow: nameIn(body, "flow"), count: countIn(body) };
      return json(200, await services.replay(replay, request.signal));
    }),
  });
  resource(app, "/admin/v1/flows/types/draft", {
    POST: requireRight("watch", async (request) => {
      const body = bodyOf(request, ["files", "type", "flow", "title", "set"]);
      const files = await services.draftType(givenFiles(body), nameIn(body, "type"), typeIn(body));
      return json(200, { files, check: services.check(files) });
    }),
  });
}

function countIn(body: Row): number {
  const count = optionalCountIn(body, "count") ?? replayedDefault;
  if (count < 1 || count > replayedMax)
    throw invalid([{ pointer: "/count", message: `must be 1 to ${replayedMax}` }]);
  return count;
}

const givenFiles = (body: Row): readonly DefinitionFile[] | undefined =>
  body["files"] === undefined ? undefined : filesIn(body);

function typeIn(body: Row): TypeDefinition {
  const title = optionalTextIn(body, "title");
  if (title === undefined) throw invalid([{ pointer: "/title", message: "is missing" }]);
  const set = objectIn(body, "set");
  return { flow: nameIn(body, "flow"), title, ...(set && Object.keys(set).length > 0 ? { set } : {}) };
}
