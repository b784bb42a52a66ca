import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import pg from "pg";
import type { ModuleView } from "../../../engine/ports/index.js";
import { cli } from "../../support/cli.js";
import { adminToken, startRun } from "../../support/system.js";

/** A database of its own on the server of the tests. */
async function withDatabase(use: (url: string) => Promise<void>): Promise<void> {
  const server = process.env["TEST_POSTGRES_URL"];
  assert.ok(server, "TEST_POSTGRES_URL is not set; `npm test` sets it, or: eval $(scripts/services env)");
  const name = `valence_cli_${randomBytes(6).toString("hex")}`;
  const client = new pg.Client({ connectionString: server });
  await client.connect();
  try {
    await client.query(`create database ${name}`);
    const url = new URL(server);
    url.pathname = `/${name}`;
    try {
      await use(url.href);
    } finally {
      await client.query(`drop database ${name} with (force)`);
    }
  } finally {
    await client.end();
  }
}

describe("valence run", () => {
  it("modules in processes of their own say when they serve, know each other, and stop in order", () =>
    withDatabase(async (databaseUrl) => {
      const admin = await startRun(["admin"], { databaseUrl });
      const workers = await startRun(["flow", "notify", "channel:simulator"], { databaseUrl });
      try {
        const env = { VALENCE_ADMIN_URL: admin.addresses["admin"], VALENCE_ADMIN_TOKEN: adminToken };
        const { stdout } = await cli(["module", "list", "--json"], env);
        const modules = JSON.parse(stdout) as readonly ModuleView[];
        assert.deepEqual(modules.map(({ module, pid }) => `${module} ${pid}`).sort(), [
          `admin ${admin.pid}`,
          `channel:simulator ${workers.pid}`,
          `flow ${workers.pid}`,
          `notify ${workers.pid}`,
        ]);
        assert.deepEqual(workers.addresses, {});
        const doctor = await cli(["doctor", "--database", databaseUrl, "--json"]);
        assert.equal(doctor.code, 0, doctor.stdout);
        assert.match(doctor.stdout, /every queue and atom is served/);
      } finally {
        assert.deepEqual(await Promise.all([admin.stop(), workers.stop()]), [
          { code: 0, signal: null },
          { code: 0, signal: null },
        ]);
      }
    }));
});
