import assert from "node:assert/strict";
import {
  AdminWorld,
  type Answered,
  codeOf,
  password,
  type Person,
  personOf,
  tokenOf,
} from "../../../support/admin-world.js";

const minuteMs = 60_000;
const by = { author: "ann", reason: "test" };
const session = "/admin/v1/session";

describe("signing in to the console", function () {
  this.timeout(30_000);
  let world: AdminWorld;
  before(async () => {
    world = await AdminWorld.open();
  });
  beforeEach(() => world.forgetAttempts());
  after(() => world.close());

  const isIn = async (person: Person): Promise<boolean> =>
    (await world.ask("GET", session, { ...person, headers: { "x-background": "1" } })).status === 200;
  const auditOf = (name: string): Promise<readonly { action: string; who: string; reason: string }[]> =>
    world.kernel.database.pool.query(
      "select action, who, reason from config.audit where subject = $1 order by seq",
      [`user ${name}`],
    );

  describe("the very first administrator", () => {
    it("comes in by a link that is good once and voided by the next; with a password there is none", async () => {
      const [first, second] = [await world.identity.firstLink(), await world.identity.firstLink()];
      assert.ok(first !== undefined && second !== undefined && first !== second);
      assert.deepEqual(codeOf(await world.welcome(first)), [401, "link_used"]);
      const came = await world.welcome(second);
      const user = came.body["user"] as Record<string, unknown>;
      assert.deepEqual(
        [
          user["name"],
          user["role"],
          user["hasPassword"],
          (user["rights"] as string[]).includes("users.manage"),
        ],
        ["admin", "super", false, true],
      );
      assert.deepEqual(codeOf(await world.welcome(second)), [401, "link_used"]);
      assert.notEqual(await world.identity.firstLink(), undefined, "no password yet: every start makes one");

      const chosen = await world.ask("PUT", `${session}/password`, { ...personOf(came), body: { password } });
      assert.equal(chosen.status, 200);
      assert.equal(await isIn(personOf(came)), false, "the session before the password is over");
      assert.equal(await isIn(personOf(chosen)), true);
      assert.equal(await world.identity.firstLink(), undefined);
      const left = await world.kernel.database.pool.query("select 1 from config.login_links");
      assert.deepEqual(left, [], "no link is left that could be used");
    });

    it("a link of yesterday is none", async () => {
      const person = await world.person("business");
      const { body } = await world.byToken("POST", `/admin/v1/users/${person.name}/link`, by);
      world.forward(24 * 60 * minuteMs + 1);
      assert.deepEqual(codeOf(await world.welcome(tokenOf(String(body["link"])))), [401, "link_used"]);
    });
  });

  describe("name and password", () => {
    it("give a cookie no script reads and no other site sends; the token itself is kept nowhere", async () => {
      const { name } = await world.person("system");
      const answer = await world.login(name);
      const cookie = answer.headers.get("set-cookie") ?? "";
      assert.match(cookie, /^valence_session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/);
      const rows = JSON.stringify(await world.kernel.database.pool.query("select * from config.sessions"));
      assert.ok(!rows.includes(cookie.slice("valence_session=".length, 59)));
      assert.equal(answer.body["idleMsMax"], 15 * minuteMs);
      assert.equal((await world.login(` ${name.toUpperCase()} `)).status, 200, "names have no case");
    });

    const refusals: readonly (readonly [string, (name: string) => Promise<Answered>])[] = [
      ["a wrong password", (name) => world.login(name, { password: "correct horse batterz" })],
      ["a name nobody has", () => world.login("nobody")],
      [
        "a user without a password",
        async () => {
          await world.byToken("POST", "/admin/v1/users", { name: "fresh", role: "business", ...by });
          return world.login("fresh");
        },
      ],
      [
        "a locked user",
        async (name) => {
          await world.byToken("PUT", `/admin/v1/users/${name}`, { status: "locked", ...by });
          return world.login(name);
        },
      ],
    ];
    for (const [what, attempt] of refusals)
      it(`${what}: 401 credentials_wrong, without a cookie`, async () => {
        const { name } = await world.person("business");
        const answer = await attempt(name);
        assert.deepEqual(codeOf(answer), [401, "credentials_wrong"]);
        assert.equal(answer.headers.get("set-cookie"), null);
      });

    it("what a stranger typed as a name is not written down", async () => {
      await world.login("my secret password");
      const rows = await world.kernel.database.pool.query<{ who: string; text: string }>(
        "select who, audit::text as text from config.audit where action = 'session.refused' order by seq desc limit 1",
      );
      assert.equal(rows[0]?.who, "unknown");
      assert.ok(!rows[0]?.text.includes("secret"));
    });

    it("behind https the cookie is secure", async () => {
      const proxied = await AdminWorld.open({ admin: { publicUrl: "https://console.example" } });
      try {
        const token = await proxied.identity.firstLink();
        const cookie = (await proxied.welcome(token ?? "")).headers.get("set-cookie") ?? "";
        assert.match(cookie, /; Secure/);
      } finally {
        await proxied.close();
      }
    });
  });

  describe("a session", () => {
    it("ends on logout, on both sides, and login and logout are in the audit", async () => {
      const person = await world.person("business");
      const out = await world.ask("DELETE", session, person);
      assert.equal(out.status, 204);
      assert.match(out.headers.get("set-cookie") ?? "", /Max-Age=0/);
      assert.equal(await isIn(person), false);
      await world.login(person.name, { password: "no" });
      await world.login(person.name);
      assert.deepEqual(
        (await auditOf(person.name)).map(({ action, who }) => `${who} ${action}`),
        [
          "ann user.create",
          "ann user.link",
          `${person.name} session.begin`,
          `${person.name} user.password`,
          `${person.name} session.end`,
          `${person.name} session.refused`,
          `${person.name} session.begin`,
        ],
      );
    });

    it("idle for 15 minutes is over; what the page asks by itself does not keep it, what a person does, does", async () => {
      const [still, busy] = [await world.person("business"), await world.person("business")];
      for (let minutes = 0; minutes < 16; minutes += 8) {
        world.forward(8 * minuteMs);
        await world.ask("GET", session, { ...still, headers: { "x-background": "1" } });
        await world.ask("GET", "/admin/v1/modules", {
          ...still,
          headers: { accept: "text/event-stream" },
        });
        assert.equal((await world.ask("GET", "/admin/v1/modules", busy)).status, 200);
      }
      assert.equal(await isIn(still), false);
      assert.equal(await isIn(busy), true);
    });

    it("is over after 12 hours, however busy", async () => {
      const person = await world.person("business");
      for (let minutes = 0; minutes < 12 * 60; minutes += 14) {
        assert.equal((await world.ask("GET", session, person)).status, 200, `after ${minutes} min`);
        world.forward(14 * minuteMs);
      }
      assert.equal(await isIn(person), false);
    });

    const ends: readonly (readonly [string, (person: Person & { name: string }) => Promise<Answered>])[] = [
      [
        "his role changes",
        ({ name }) => world.byToken("PUT", `/admin/v1/users/${name}`, { role: "system", ...by }),
      ],
      [
        "he is locked",
        ({ name }) => world.byToken("PUT", `/admin/v1/users/${name}`, { status: "locked", ...by }),
      ],
      [
        "he changes his password",
        (person) =>
          world.ask("PUT", `${session}/password`, {
            ...person,
            body: { current: password, password: "another horse battery" },
          }),
      ],
    ];
    for (const [what, change] of ends)
      it(`every session of a user ends when ${what}`, async () => {
        const one = await world.person("business");
        const other = personOf(await world.login(one.name));
        assert.equal((await change(one)).status, 200);
        assert.deepEqual([await isIn(one), await isIn(other)], [false, false]);
      });

    it("a password is changed with the one before only, and has 12 characters", async () => {
      const person = await world.person("business");
      const put = (body: unknown): Promise<Answered> =>
        world.ask("PUT", `${session}/password`, { ...person, body });
      const next = "another horse battery";
      assert.deepEqual(codeOf(await put({ password: next })), [403, "password_wrong"]);
      assert.deepEqual(codeOf(await put({ current: "wrong", password: next })), [403, "password_wrong"]);
      const short = await put({ current: password, password: "elevenchars" });
      assert.deepEqual(codeOf(short), [422, "field_invalid"]);
      assert.match(JSON.stringify(short.body["errors"]), /"\/password".*12 characters/);
      assert.equal(await isIn(person), true);
    });
  });

  describe("a change with a cookie", () => {
    const own = (): string => world.url;
    const table: readonly (readonly [
      what: string,
      csrf: boolean,
      origin: (() => string) | undefined,
      code: string,
    ])[] = [
      ["from our page", true, () => own(), "field_invalid"],
      ["without an origin", true, undefined, "field_invalid"],
      ["without the token", false, () => own(), "csrf_invalid"],
      ["from another site", true, () => "https://evil.example", "csrf_invalid"],
      ["from another port", true, () => "http://127.0.0.1:1", "csrf_invalid"],
      ["from a page without origin", true, () => "null", "csrf_invalid"],
    ];
    for (const [what, withToken, origin, code] of table)
      it(`${what}: ${code}`, async () => {
        const { cookie, csrf } = await world.person("super");
        const answer = await world.ask("POST", "/admin/v1/users", {
          cookie,
          ...(withToken ? { csrf } : {}),
          headers: origin ? { origin: origin() } : {},
          body: {},
        });
        assert.equal(answer.body["code"], code);
      });

    it("another session's token does not do, and another site cannot sign anybody in", async () => {
      const [one, other] = [await world.person("super"), await world.person("super")];
      const mixed = await world.ask("POST", "/admin/v1/users", {
        cookie: one.cookie,
        csrf: other.csrf,
        body: {},
      });
      assert.deepEqual(codeOf(mixed), [403, "csrf_invalid"]);
      const foreign = await world.ask("POST", session, {
        headers: { origin: "https://evil.example" },
        body: { name: "x", password },
      });
      assert.deepEqual(codeOf(foreign), [403, "csrf_invalid"]);
    });

    it("is the signed-in user's, whatever the body says; a program says itself who it is for", async () => {
      const person = await world.person("super");
      const body = { name: "made-by-page", role: "business", author: "mallory", reason: "test" };
      assert.equal((await world.ask("POST", "/admin/v1/users", { ...person, body })).status, 201);
      const made = { name: "made-by-program", role: "business", ...by };
      assert.equal((await world.byToken("POST", "/admin/v1/users", made)).status, 201);
      assert.equal((await auditOf("made-by-page"))[0]?.who, person.name);
      assert.equal((await auditOf("made-by-program"))[0]?.who, "ann");
    });

    it("a wrong bearer token is refused although the cookie is good", async () => {
      const person = await world.person("super");
      const answer = await world.ask("GET", session, { ...person, headers: { authorization: "Bearer no" } });
      assert.deepEqual(codeOf(answer), [401, "admin_unauthorized"]);
    });
  });
});
