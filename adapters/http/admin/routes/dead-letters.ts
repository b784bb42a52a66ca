/** Dead letters: looked through page by page, one told with its run and order, replayed, discarded. */
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Row } from "../../../../engine/ports/index.js";
import { type Answer, json, refuse } from "../../answer.js";
import { pathParameter, queryParameter } from "../../parameters.js";
import { resource } from "../../server.js";
import { requireRight } from "../access.js";
import {
  authorIn,
  bodyOf,
  countOf,
  invalid,
  messageIdsIn,
  optionalCountIn,
  optionalTextIn,
} from "../input.js";
import type { DiscardChoice, QueueServices } from "../queue-services.js";

/** Dead letters on a page. */
const pageDefault = 200;
const pageMax = 500;

const all = "/admin/v1/dead-letters";
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export function deadLetterRoutes(app: FastifyInstance, services: QueueServices): void {
  const page = async (request: FastifyRequest, queue?: string): Promise<Answer> => {
    const limit = countOf(request, "limit", pageMax) ?? pageDefault;
    const after = queryParameter(request, "after");
    const query = {
      limit,
      ...(queue === undefined ? {} : { queue }),
      ...(after === undefined ? {} : { after }),
    };
    return json(200, await services.deadLetters(query));
  };
  resource(app, all, { GET: requireRight("watch", (request) => page(request)) });
  resource(app, `${all}/:queue`, {
    GET: requireRight("watch", (request) => page(request, pathParameter(request, "queue"))),
  });
  resource(app, `${all}/:queue/:messageId`, {
    GET: requireRight("orders.read", async (request) => {
      const messageId = pathParameter(request, "messageId");
      if (!uuid.test(messageId)) throw refuse("not_found", "This is no id of a message.");
      return json(200, await services.deadLetter(pathParameter(request, "queue"), messageId));
    }),
  });
  resource(app, `${all}/:queue/replay`, {
    POST: requireRight("queues.act", async (request) => {
      const body = bodyOf(request, ["messageIds", "author", "reason"]);
      const by = authorIn(body);
      const replayed = await services.replay(pathParameter(request, "queue"), messageIdsIn(body), by);
      return json(200, { replayed });
    }),
  });
  resource(app, `${all}/:queue/discard`, {
    POST: requireRight("queues.act", async (request) => {
      const body = bodyOf(request, ["messageIds", "confirm", "diedUntilMs", "author", "reason"]);
      const queue = pathParameter(request, "queue");
      const by = authorIn(body);
      return json(200, { discarded: await services.discard(queue, choiceIn(body, queue), by) });
    }),
  });
}

/** Unlike a replay it cannot be undone: what goes is named, or all of it is confirmed with the queue's name. */
function choiceIn(body: Row, queue: string): DiscardChoice {
  const messageIds = messageIdsIn(body);
  const confirm = optionalTextIn(body, "confirm");
  const diedUntilMs = optionalCountIn(body, "diedUntilMs");
  if (messageIds !== undefined) {
    if (confirm === undefined && diedUntilMs === undefined) return { messageIds };
    throw invalid([{ pointer: "/confirm", message: "goes with all dead letters, not with messageIds" }]);
  }
  if (confirm === undefined || diedUntilMs === undefined)
    throw refuse(
      "field_missing",
      "Name the dead letters in messageIds; or, for all of them, send confirm with the queue's name and diedUntilMs " +
        "with the time the last one you saw died at.",
    );
  if (confirm !== queue) throw invalid([{ pointer: "/confirm", message: `must be ${queue}` }]);
  return { diedUntilMs };
}
