/**
 * The database, asked by the one who may: a server by us; the embedded one by us while nobody works on it, and by the
 * running system otherwise, because two processes on its files would destroy them.
 */
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { vocabulary } from "../../../atoms/index.js";
import type { Check } from "../../../engine/ports/check.js";
import { definitionChecks } from "../../compose/definition-checks.js";
import { holderOf, lockData } from "../../data/lock.js";
import type { Settings } from "../../settings/index.js";
import { databaseChecks } from "../../store/postgres/checks.js";
import { connect } from "../../store/postgres/database.js";
import { PostgresDefinitions } from "../../store/postgres/definitions.js";
import { startEmbedded } from "../../store/postgres/embedded.js";
import { PostgresModuleRegistry } from "../../store/postgres/module-registry.js";
import { systemRandom } from "../../system/clock.js";
import { callAdmin } from "../admin-client.js";
import { ask, findDemo } from "../demo.js";
import { describeFailure } from "../failure.js";

export async function databaseSection(settings: Settings): Promise<readonly Check[]> {
  const { url } = settings.database;
  if (url !== "") return askDatabase(url, false, settings);
  const dir = resolve(settings.data.dir);
  if (holderOf(dir) !== undefined) return askSystem(dir);
  if (!existsSync(join(dir, "postgres")))
    return [{ name: "database", state: "ok", detail: "embedded; the first valence up makes it" }];
  const lock = lockData(dir);
  try {
    const embedded = await startEmbedded(dir);
    try {
      return await askDatabase(embedded.url, true, settings);
    } finally {
      await embedded.close();
    }
  } catch (error) {
    return [unusable(error)];
  } finally {
    lock.release();
  }
}

async function askDatabase(url: string, embedded: boolean, settings: Settings): Promise<readonly Check[]> {
  const database = connect({ url, embedded, applicationName: "valence doctor", connectionsMax: 2 });
  try {
    const sql = database.pool;
    const { connectionsMax } = settings.database;
    const checks = await databaseChecks(sql, { embedded, connectionsMax, nowMs: () => Date.now() });
    const reachable: Check = {
      name: "database",
      state: "ok",
      detail: embedded ? "embedded, it opens" : "answers",
    };
    // Without its tables there is nothing else to ask.
    if (checks.some(({ name, state }) => name === "schema" && state === "fail"))
      return [reachable, ...checks];
    const definitions = new PostgresDefinitions(sql, systemRandom);
    const registry = new PostgresModuleRegistry(sql);
    return [reachable, ...checks, ...(await definitionChecks(definitions, registry, vocabulary))];
  } catch (error) {
    return [unusable(error)];
  } finally {
    await database.close();
  }
}

const unusable = (error: unknown): Check => ({
  name: "database",
  state: "fail",
  detail: `cannot be asked: ${describeFailure(error)}`,
  next: "check --database or VALENCE_DATABASE_URL, and that the server runs and lets this user in",
});

async function askSystem(dir: string): Promise<readonly Check[]> {
  const demo = findDemo(dir);
  if (!demo) {
    const detail = "the process that holds the data directory is starting or stopping";
    return [{ name: "running system", state: "warn", detail, next: "ask again in a moment" }];
  }
  try {
    const response = await ask(`${demo.admin}/readyz`, { method: "GET" });
    const { why = "" } = (await response.json()) as { readonly why?: string };
    const running: Check = response.ok
      ? { name: "running system", state: "ok", detail: `ready at ${demo.bridge}` }
      : {
          name: "running system",
          state: "fail",
          detail: `not ready: ${why}`,
          next: "read the log of the process",
        };
    const target = { url: demo.admin, token: demo.adminToken };
    const { checks } = await callAdmin<{ checks: readonly Check[] }>(target, "GET", "/admin/v1/checks");
    return [running, ...checks];
  } catch (error) {
    const next = "the process is stuck, or demo.json is older than it: restart it";
    return [{ name: "running system", state: "fail", detail: describeFailure(error), next }];
  }
}
