import assert from "node:assert/strict";
import { AdminWorld, type Answered, codeOf, tokenOf } from "../../../support/admin-world.js";

const by = { author: "ann", reason: "test" };

describe("users of the console", function () {
  this.timeout(30_000);
  let world: AdminWorld;
  before(async () => {
    world = await AdminWorld.open();
  });
  after(() => world.close());

  it("a name is given once, also to two who ask at once; bad ones are refused", async () => {
    const make = (name: string): Promise<Answered> =>
      world.byToken("POST", "/admin/v1/users", { name, role: "business", ...by });
    const both = await Promise.all([make("twice"), make("twice")]);
    assert.deepEqual(both.map(({ status }) => status).sort(), [201, 409]);
    for (const name of ["A", "a", "Ann", "ann lee", "1ann", "valence", "", "a".repeat(41)])
      assert.deepEqual(codeOf(await make(name)), [422, "field_invalid"], name);
    assert.deepEqual(
      codeOf(await world.byToken("POST", "/admin/v1/users", { name: "bob", role: "king", ...by })),
      [422, "field_invalid"],
    );
  });

  it("the last active super administrator is neither locked nor demoted, also by two at once", async () => {
    const lonely = await AdminWorld.open();
    try {
      await lonely.identity.firstLink();
      const change = (name: string, to: object): Promise<Answered> =>
        lonely.byToken("PUT", `/admin/v1/users/${name}`, { ...to, ...by });
      for (const to of [{ status: "locked" }, { role: "business" }])
        assert.deepEqual(codeOf(await change("admin", to)), [409, "last_administrator"]);
      await lonely.byToken("POST", "/admin/v1/users", { name: "second", role: "super", ...by });
      const both = await Promise.all([
        change("admin", { role: "system" }),
        change("second", { status: "locked" }),
      ]);
      assert.deepEqual(both.map(({ status }) => status).sort(), [200, 409]);
      assert.deepEqual(codeOf(await change("nobody", { status: "locked" })), [404, "user_unknown"]);
      assert.deepEqual(codeOf(await change("admin", {})), [422, "field_missing"]);
    } finally {
      await lonely.close();
    }
  });

  it("a locked user gets no link, and the one he had is void", async () => {
    const { name } = await world.person("business");
    const link = (): Promise<Answered> => world.byToken("POST", `/admin/v1/users/${name}/link`, by);
    const before = tokenOf(String((await link()).body["link"]));
    await world.byToken("PUT", `/admin/v1/users/${name}`, { status: "locked", ...by });
    assert.deepEqual(codeOf(await link()), [404, "user_unknown"]);
    assert.deepEqual(codeOf(await world.welcome(before)), [401, "link_used"]);
    await world.byToken("PUT", `/admin/v1/users/${name}`, { status: "active", ...by });
    assert.deepEqual(codeOf(await world.welcome(before)), [401, "link_used"], "unlocked again it stays void");
  });
});
