import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { migrate } from "../../../../../adapters/store/postgres/migrate.js";
import { pause } from "../../../../contract/world.js";
import { openProcess } from "../../../../support/postgres-world.js";
import { urlIn, withServices } from "../../../../support/services.js";
import { assertKept, traffic } from "../../../../support/traffic.js";

/** The postmaster of a private server; see scripts/services.d/postgres.sh for where it works. */
function postmasterOf(folder: string): number {
  const state = path.join(folder, ".services/postgres");
  const record = path.join(state, "home");
  const home = existsSync(record) ? readFileSync(record, "utf8").trim() : state;
  return Number(readFileSync(path.join(home, "data/postmaster.pid"), "utf8").split("\n")[0]);
}

describe("a database that goes away in the middle of traffic", () => {
  before(function () {
    // Without either there is no server of our own to stop.
    if (process.getuid?.() !== 0 && !existsSync("/usr/lib/postgresql")) this.skip();
  });

  it("restarted in order, then stopped dead: each unit is there once, or its error says that it may not be", () =>
    withServices({ mode: 0o711 }, async (services, folder) => {
      assert.equal((await services("up", "postgres")).code, 0);
      const url = urlIn(await services("env", "postgres"));
      await migrate({ url, embedded: false });
      const worker = await openProcess({ url, embedded: false });
      const stop = [
        () => services("down", "postgres"),
        // SIGQUIT: immediate shutdown, recovery at the next start (PostgreSQL manual, 19.5).
        async () => {
          process.kill(postmasterOf(folder), "SIGQUIT");
          await pause(500);
        },
      ];
      try {
        for (const goAway of stop) {
          let back = false;
          const units = traffic(worker, () => back);
          await pause(500);
          await goAway();
          await pause(300);
          assert.equal((await services("up", "postgres")).code, 0);
          await pause(1_000);
          back = true;
          const ended = await units;
          await assertKept(worker, ended);
          assert.ok(ended.at(-1)?.ending === "committed", "it does not go on after the restart");
          assert.ok(ended.length > 50, "hardly any traffic");
        }
      } finally {
        await worker.close();
      }
    }));
});
