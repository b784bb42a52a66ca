/** Users: who there are, made, given another role, locked, given a one-time link. */
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Author, Identity, UserStatus } from "../../../../engine/ports/index.js";
import { roles } from "../../../../engine/registry/rights.js";
import { json, refuse } from "../../answer.js";
import { pathParameter } from "../../parameters.js";
import { resource } from "../../server.js";
import { requireRight } from "../access.js";
import { authorIn, bodyOf, choiceIn, invalid, optionalChoiceIn, textIn } from "../input.js";

const statuses: readonly UserStatus[] = ["active", "locked"];
const nameShape = /^[a-z][a-z0-9._-]{1,39}$/;
/** Who the audit names when the product itself did something. */
const reserved: readonly string[] = ["valence", "unknown"];

export function userRoutes(app: FastifyInstance, identity: Identity, publicUrl: string): void {
  const linkFor = async (request: FastifyRequest, name: string, by: Author): Promise<string> => {
    const token = await identity.link(name, by);
    if (token === undefined) throw refuse("user_unknown", `No active user is called ${name}.`);
    const base = publicUrl === "" ? `${request.protocol}://${request.host}` : publicUrl.replace(/\/+$/, "");
    return `${base}/welcome#${token}`;
  };
  resource(app, "/admin/v1/users", {
    GET: requireRight("users.manage", async () => json(200, { users: await identity.users() })),
    POST: requireRight("users.manage", async (request) => {
      const body = bodyOf(request, ["name", "role", "author", "reason"]);
      const name = userNameIn(body);
      const role = choiceIn(body, "role", roles);
      const by = authorIn(body);
      if (!(await identity.createUser({ name, role }, by)))
        throw refuse("user_exists", `${name} is taken; names are never given again.`);
      // Should this process die here, the user is there without a way in: the link is made again by hand.
      return json(201, { name, role, link: await linkFor(request, name, by) });
    }),
  });
  resource(app, "/admin/v1/users/:name", {
    PUT: requireRight("users.manage", async (request) => {
      const name = pathParameter(request, "name");
      const body = bodyOf(request, ["role", "status", "author", "reason"]);
      const role = optionalChoiceIn(body, "role", roles);
      const status = optionalChoiceIn(body, "status", statuses);
      if (role === undefined && status === undefined)
        throw refuse("field_missing", "Say role, status or both.");
      const to = { ...(role === undefined ? {} : { role }), ...(status === undefined ? {} : { status }) };
      const result = await identity.changeUser(name, to, authorIn(body));
      if (result === "unknown") throw refuse("user_unknown", `Nobody is called ${name}.`);
      if (result === "last-administrator")
        throw refuse("last_administrator", "Make another active super administrator first.");
      return json(200, { users: await identity.users() });
    }),
  });
  resource(app, "/admin/v1/users/:name/link", {
    POST: requireRight("users.manage", async (request) => {
      const by = authorIn(bodyOf(request, ["author", "reason"]));
      return json(200, { link: await linkFor(request, pathParameter(request, "name"), by) });
    }),
  });
}

function userNameIn(body: Parameters<typeof textIn>[0]): string {
  const name = textIn(body, "name", 40);
  if (!nameShape.test(name) || reserved.includes(name))
    throw invalid([
      {
        pointer: "/name",
        message: "must be 2 to 40 of a-z, 0-9, dot, dash and underscore, beginning with a letter",
      },
    ]);
  return name;
}
