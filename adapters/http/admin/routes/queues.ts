/** Modules that live, queues and their depths, dead letters. */
import type { FastifyInstance } from "fastify";
import { json, refuse } from "../../answer.js";
import { pathParameter } from "../../parameters.js";
import { resource } from "../../server.js";
import { requireRight } from "../access.js";
import { authorIn, bodyOf, messageIdsIn } from "../input.js";
import type { AdminServices } from "../services.js";

export function queueRoutes(app: FastifyInstance, services: AdminServices): void {
  resource(app, "/admin/v1/modules", {
    GET: requireRight("watch", async () => json(200, { modules: await services.modules() })),
  });
  resource(app, "/admin/v1/queues", {
    GET: requireRight("watch", async () => json(200, { queues: await services.queues() })),
  });
  resource(app, "/admin/v1/queues/:queue/messages", {
    GET: requireRight("watch", async (request) =>
      json(200, { messages: await services.browse(pathParameter(request, "queue")) }),
    ),
  });
  resource(app, "/admin/v1/dead-letters/:queue", {
    GET: requireRight("watch", async (request) =>
      json(200, { deadLetters: await services.deadLetters(pathParameter(request, "queue")) }),
    ),
  });
  resource(app, "/admin/v1/dead-letters/:queue/replay", {
    POST: requireRight("queues.act", async (request) => {
      const body = bodyOf(request, ["messageIds", "author", "reason"]);
      const by = authorIn(body);
      const replayed = await services.replay(pathParameter(request, "queue"), messageIdsIn(body), by);
      return json(200, { replayed });
    }),
  });
  resource(app, "/admin/v1/dead-letters/:queue/discard", {
    POST: requireRight("queues.act", async (request) => {
      const body = bodyOf(request, ["messageIds", "author", "reason"]);
      const by = authorIn(body);
      // Unlike a replay it cannot be undone: what goes is named.
      const ids = messageIdsIn(body);
      if (ids === undefined) throw refuse("field_missing", "Name the dead letters to discard in messageIds.");
      const discarded = await services.discard(pathParameter(request, "queue"), ids, by);
      return json(200, { discarded });
    }),
  });
  resource(app, "/admin/v1/checks", {
    GET: requireRight("watch", async () => json(200, { checks: await services.checks() })),
  });
}
