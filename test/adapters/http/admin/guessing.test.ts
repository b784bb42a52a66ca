import assert from "node:assert/strict";
import { TOTP } from "otpauth";
import { createIdentity } from "../../../../adapters/compose/identity.js";
import { PostgresAttempts } from "../../../../adapters/store/postgres/identity/attempts.js";
import { AdminWorld, type Answered, codeOf, password, type Person } from "../../../support/admin-world.js";

const session = "/admin/v1/session";

describe("who does not know the password, or lacks the code", function () {
  this.timeout(30_000);
  let world: AdminWorld;
  before(async () => {
    world = await AdminWorld.open();
  });
  beforeEach(() => world.forgetAttempts());
  after(() => world.close());

  describe("guessing", () => {
    const wrong = (name: string): Promise<Answered> => world.login(name, { password: "a wrong password" });

    it("five failures make the name wait, longer each time, and a restart does not help", async () => {
      const { name } = await world.person("business");
      for (let attempt = 1; attempt <= 5; attempt++)
        assert.deepEqual(codeOf(await wrong(name)), [401, "credentials_wrong"], `attempt ${attempt}`);
      const refused = await world.login(name);
      assert.deepEqual(codeOf(refused), [429, "login_throttled"]);
      assert.equal(refused.headers.get("retry-after"), "5");
      const restarted = createIdentity({
        ...world.kernel,
        clock: { ...world.kernel.clock, nowMs: () => world.nowMs() },
      });
      const again = await restarted.login({ name, password, address: "10.0.0.1" });
      assert.equal(again.ok === false && again.code, "login_throttled");
      world.forward(5_001);
      assert.deepEqual(codeOf(await wrong(name)), [401, "credentials_wrong"]);
      assert.equal((await wrong(name)).headers.get("retry-after"), "10");
      world.forward(10_001);
      assert.equal((await world.login(name)).status, 200, "who knows the password waits, too, and comes in");
      assert.deepEqual(codeOf(await wrong(name)), [401, "credentials_wrong"], "and begins anew");
    });

    it("a name nobody has waits like any other; so does an address that tries many names", async () => {
      for (const each of ["a", "b", "c", "d", "e"]) await wrong(`nobody-${each}`);
      assert.deepEqual(codeOf(await wrong("nobody-f")), [429, "login_throttled"], "the address");
      await world.kernel.database.pool.query("delete from config.login_attempts where kind = 'address'");
      assert.equal((await wrong("nobody-a")).status, 401);
      for (let attempt = 0; attempt < 3; attempt++) await wrong("nobody-a");
      await world.kernel.database.pool.query("delete from config.login_attempts where kind = 'address'");
      assert.deepEqual(codeOf(await wrong("nobody-a")), [429, "login_throttled"], "the name");
    });

    it("twenty at once are no better than one after the other", async () => {
      const { name } = await world.person("business");
      const answers = await Promise.all(Array.from({ length: 20 }, () => wrong(name)));
      const tried = answers.filter(({ status }) => status === 401).length;
      assert.equal(tried, 5);
      assert.equal(answers.filter(({ status }) => status === 429).length, 15);
    });

    it("an attempt that read the clock before another one was counted does not wait for it", async () => {
      const attempts = new PostgresAttempts(world.kernel.database.pool);
      const keys = [{ kind: "name", subject: "ann" }] as const;
      const never = (): number => 0;
      assert.equal(await attempts.begin(keys, never, 1_000_005), 0);
      assert.equal(await attempts.begin(keys, never, 1_000_000), 0);
      await attempts.forgive(keys, []);
      assert.equal(await attempts.begin(keys, never, 1_000_000), 0);
    });
  });

  describe("the second factor", () => {
    const enrol = async (person: Person): Promise<TOTP> => {
      const { body } = await world.ask("POST", `${session}/second-factor`, person);
      const totp = new TOTP({ secret: String(body["secret"]) });
      const wrong = await world.ask("PUT", `${session}/second-factor`, {
        ...person,
        body: { code: "abcdef" },
      });
      assert.deepEqual(codeOf(wrong), [422, "field_invalid"]);
      const code = totp.generate({ timestamp: world.nowMs() });
      const set = await world.ask("PUT", `${session}/second-factor`, { ...person, body: { code } });
      assert.equal(set.status, 204);
      return totp;
    };

    it("is asked for after the password; each code is good once, the one that set it up included", async () => {
      const person = await world.person("business");
      const totp = await enrol(person);
      const login = (): Promise<Answered> =>
        world.login(person.name, { code: totp.generate({ timestamp: world.nowMs() }) });
      assert.deepEqual(codeOf(await world.login(person.name)), [401, "second_factor_needed"]);
      assert.deepEqual(codeOf(await login()), [401, "second_factor_needed"], "the code that set it up");
      world.forward(30_000);
      assert.equal((await login()).status, 200);
      assert.deepEqual(codeOf(await login()), [401, "second_factor_needed"], "used a moment ago");
      world.forward(30_000);
      const both = await Promise.all([login(), login()]);
      // The other one is refused as a wrong code, or, when it comes while the first is counted, made to wait.
      const [one, other] = both.map(({ status }) => status).sort();
      assert.equal(one, 200, "two at once with one code");
      assert.ok(other === 401 || other === 429, `the other: ${other}`);
    });

    it("codes cannot be guessed by showing the password in between", async () => {
      const person = await world.person("business");
      await enrol(person);
      for (let guess = 1; guess <= 5; guess++) {
        assert.equal((await world.login(person.name, { code: "000000" })).status, 401, `guess ${guess}`);
        await world.login(person.name);
      }
      assert.deepEqual(codeOf(await world.login(person.name)), [429, "login_throttled"]);
    });

    it("is removed with the password only, and set up once", async () => {
      const person = await world.person("business");
      await enrol(person);
      const twice = await world.ask("POST", `${session}/second-factor`, person);
      assert.deepEqual(codeOf(twice), [409, "second_factor_state"]);
      const remove = (given: string): Promise<Answered> =>
        world.ask("DELETE", `${session}/second-factor`, { ...person, body: { password: given } });
      assert.deepEqual(codeOf(await remove("wrong")), [403, "password_wrong"]);
      assert.deepEqual(codeOf(await world.login(person.name)), [401, "second_factor_needed"]);
      assert.equal((await remove(password)).status, 204);
      assert.equal((await world.login(person.name)).status, 200);
    });
  });
});
