import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { AuditEntry, User } from "../../../engine/ports/index.js";
import { cli, cliJson } from "../../support/cli.js";
import { freshDatabase, type TestDatabase } from "../../support/postgres.js";
import { type RunningUp, startUp } from "../../support/system.js";

const linkIn = ({ stdout }: Pick<RunningUp, "stdout">): string | undefined =>
  /^ +console +(http\S+\/welcome#[\w-]{43}) /m.exec(stdout())?.[1];

/** Opens a one-time link as a browser does; the cookie, when it is good. */
async function open(link: string): Promise<string | undefined> {
  const { origin, hash } = new URL(link);
  const response = await fetch(`${origin}/admin/v1/session/welcome`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ token: hash.slice(1) }),
  });
  return response.ok ? response.headers.get("set-cookie")?.split(";")[0] : undefined;
}

describe("the first run, users and the audit from the command line", function () {
  this.timeout(120_000);
  const folder = mkdtempSync(path.join(tmpdir(), "valence-test-"));
  const data = ["--data", folder] as const;
  let database: TestDatabase;
  before(async () => {
    database = await freshDatabase();
  });
  after(async () => {
    rmSync(folder, { recursive: true });
    await database.drop();
  });
  const start = (): Promise<RunningUp> => startUp({ dataDir: folder, databaseUrl: database.url });

  it("every start prints a fresh link until a password is chosen, a killed one included", async () => {
    const first = await start();
    const lost = linkIn(first);
    await first.kill();
    const second = await start();
    try {
      const link = linkIn(second);
      assert.ok(lost !== undefined && link !== undefined);
      const token = new URL(lost).hash;
      assert.equal(await open(new URL(`/welcome${token}`, link).href), undefined, "the older one is void");
      const cookie = await open(link);
      assert.ok(cookie, "the fresh one is good");
      assert.equal(await open(link), undefined, "once");

      const linked = await cliJson<{ link: string }>([
        "user",
        "link",
        "admin",
        "--reason",
        "lost it",
        ...data,
      ]);
      assert.ok(await open(linked.link));
      const [users, nobody] = await Promise.all([
        cliJson<readonly User[]>(["user", "list", ...data]),
        cli(["user", "link", "nobody", "--reason", "x", ...data]),
      ]);
      assert.deepEqual(
        users.map(({ name, role, hasPassword }) => [name, role, hasPassword]),
        [["admin", "super", false]],
      );
      assert.deepEqual([nobody.code, /user_unknown/.test(nobody.stderr)], [1, true]);

      const session = await fetch(`${second.demo.admin}/admin/v1/session`, { headers: { cookie } });
      const { csrf } = (await session.json()) as { csrf: string };
      const chosen = await fetch(`${second.demo.admin}/admin/v1/session/password`, {
        method: "PUT",
        headers: { cookie, "content-type": "application/json", "x-csrf-token": csrf },
        body: JSON.stringify({ password: "correct horse battery" }),
      });
      assert.equal(chosen.status, 200);

      const entries = await cliJson<readonly AuditEntry[]>(["audit", "list", "--who", "admin", ...data]);
      assert.deepEqual(
        entries.map(({ action }) => action),
        ["user.password", "session.begin", "session.begin"],
      );
      const verified = await cli(["audit", "verify", ...data]);
      assert.equal(verified.code, 0, verified.stderr);
      const head = /head (\d+:[0-9a-f]{64})$/m.exec(verified.stdout)?.[1] ?? assert.fail(verified.stdout);
      const never = `${head.split(":")[0]}:${"a".repeat(64)}`;
      const witnessed = await Promise.all(
        [head, never, "7"].map((seen) => cli(["audit", "verify", "--witness", seen, ...data])),
      );
      assert.deepEqual(
        witnessed.map(({ code }) => code),
        [0, 1, 2],
      );
      assert.match(witnessed[1]?.stdout ?? "", /^broken at line /);
    } finally {
      await second.stop();
    }
    const third = await start();
    await third.stop();
    assert.equal(linkIn(third), undefined);
    assert.match(third.stdout(), /^ +console +http:\/\/127\.0\.0\.1:\d+$/m);
  });
});
