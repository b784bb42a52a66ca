/** Queues: what waits in them, for how long, and who serves them. */
import type { FastifyInstance } from "fastify";
import { json } from "../../answer.js";
import { pathParameter } from "../../parameters.js";
import { resource } from "../../server.js";
import { requireRight } from "../access.js";
import { choiceOf } from "../input.js";
import type { QueueServices } from "../queue-services.js";

export function queueRoutes(app: FastifyInstance, services: QueueServices): void {
  resource(app, "/admin/v1/queues", {
    // ?empty=yes: those that hold nothing, too.
    GET: requireRight("watch", async (request) => {
      const empty = choiceOf(request, "empty", ["yes", "no"]) === "yes";
      return json(200, { queues: await services.queues({ empty }) });
    }),
  });
  resource(app, "/admin/v1/queues/:queue/messages", {
    GET: requireRight("watch", async (request) =>
      json(200, { messages: await services.browse(pathParameter(request, "queue")) }),
    ),
  });
}
