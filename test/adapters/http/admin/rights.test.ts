import assert from "node:assert/strict";
import { guard } from "../../../../adapters/http/admin/access.js";
import { createServer, resource } from "../../../../adapters/http/server.js";
import { json } from "../../../../adapters/http/answer.js";
import { systemClock } from "../../../../adapters/system/clock.js";
import { silent } from "../../../../engine/ports/telemetry.js";
import { type Right, rights, type Role, roles, rightsOf } from "../../../../engine/registry/rights.js";
import { AdminWorld, type Person } from "../../../support/admin-world.js";

const isRight = (access: string): access is Right => rights.some((right) => right === access);

describe("rights of the admin API", function () {
  this.timeout(30_000);
  let world: AdminWorld;
  before(async () => {
    world = await AdminWorld.open();
  });
  after(() => world.close());

  it("the roles have the rights they are known for", () => {
    const all = (role: Role): string => rightsOf(role).join(" ");
    assert.equal(all("super"), rights.join(" "));
    assert.equal(
      all("system"),
      "watch orders.read queues.act channels.switch routes.change flows.change audit.read",
    );
    assert.equal(all("business"), "watch orders.read orders.act orders.refund channels.switch");
  });

  it("a route that does not say who may call it keeps the server from starting", async () => {
    const app = createServer({ clock: systemClock, telemetry: silent, bodyBytesMax: 1 });
    const started = app.register(async (scope) => {
      guard(scope, { token: "t".repeat(16), identity: world.identity, clock: systemClock, publicUrl: "" });
      resource(scope, "/admin/v1/forgotten", { GET: () => json(200, {}) });
    });
    await assert.rejects(async () => started, /GET \/admin\/v1\/forgotten says who may call it/);
    await app.close();
  });

  it("only these can be called by anyone, and only these need no more than a user", () => {
    const having = (access: string): string[] =>
      world.admin.routes
        .filter((route) => route.access === access)
        .flatMap(({ methods, url }) => methods.map((method) => `${method} ${url}`))
        .filter((route) => !route.startsWith("HEAD"))
        .sort();
    assert.deepEqual(having("anyone"), ["POST /admin/v1/session", "POST /admin/v1/session/welcome"]);
    assert.deepEqual(having("user"), [
      "DELETE /admin/v1/session",
      "DELETE /admin/v1/session/second-factor",
      "GET /admin/v1/session",
      "POST /admin/v1/session/second-factor",
      "PUT /admin/v1/session/password",
      "PUT /admin/v1/session/second-factor",
    ]);
  });

  for (const role of roles)
    it(`${role}: every route refuses what the role does not include, and nothing else for that reason`, async () => {
      const person: Person = await world.person(role);
      const mine = rightsOf(role);
      for (const { methods, url, access } of world.admin.routes) {
        if (!isRight(access)) continue;
        for (const method of methods) {
          // A stream would not end.
          if (mine.includes(access) && method !== "POST" && method !== "PUT") continue;
          const path = url.replaceAll(/:\w+/g, "x");
          const change = method === "GET" || method === "HEAD" ? {} : { body: {} };
          const { status, body } = await world.ask(method, path, { ...person, ...change });
          const what: string = `${method} ${url} (${access})`;
          if (mine.includes(access)) assert.ok(![401, 403, 405].includes(status), `${what}: ${status}`);
          else if (method === "HEAD") assert.equal(status, 403, what);
          else assert.deepEqual([status, body["code"]], [403, "right_missing"], what);
        }
      }
    });

  it("strangers get 401 from every route, whatever it needs", async () => {
    for (const { methods, url, access } of world.admin.routes) {
      if (access === "anyone") continue;
      for (const method of methods.filter((each) => !["HEAD", "TRACE", "CONNECT"].includes(each))) {
        const { status } = await world.ask(method, url.replaceAll(/:\w+/g, "x"));
        assert.equal(status, 401, `${method} ${url}`);
      }
    }
  });
});
