/**
 * A module that hangs is known to hang while its process lives; a dead one is known to be dead. Real processes, each
 * with a defect that is brought in from outside (test/support/preload/faults.ts).
 */
import assert from "node:assert/strict";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { limits } from "../../engine/limits.js";
import type { ModuleState, ModuleView } from "../../engine/ports/index.js";
import { whenVerifying } from "../support/buses.js";
import { root } from "../support/checkout.js";
import { cli } from "../support/cli.js";
import { Client, submit } from "../support/client.js";
import { Cluster } from "../support/cluster.js";
import { freePort } from "../support/ports.js";
import { freshDatabase, onServer, type TestDatabase } from "../support/postgres.js";

const token = "a-token-of-the-modules-test";
const blockMs = 14_000;
/** How often the registry is asked; the process that answers and the signal need a moment, too. */
const askMs = 200;
const graceMs = 500;
const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe("the registry sees a module that hangs, and one that is dead", function () {
  this.timeout(90_000);
  let database: TestDatabase;
  let cluster: Cluster;
  let env: Readonly<Record<string, string>>;
  let login: string;

  before(async () => {
    database = await freshDatabase();
    login = `${new URL(database.url).pathname.slice(1)}_edge`;
    await onServer(database.url, (client) =>
      client.query(`create role ${login} login password 'edge' in role valence_bridge`),
    );
    const edge = new URL(database.url);
    edge.username = login;
    edge.password = "edge";
    const adminPort = String(await freePort());
    env = { VALENCE_ADMIN_URL: `http://127.0.0.1:${adminPort}`, VALENCE_ADMIN_TOKEN: token };
    const preload = pathToFileURL(path.join(root, "dist/test/support/preload/faults.js")).href;
    cluster = await Cluster.start(
      database.url,
      [["flow"], ["admin"], ["channel:simulator"], ["notify"], ["feed"], ["scheduler"], ["bridge"]],
      new Map([["bridge", edge.href]]),
      {
        VALENCE_ADMIN_PORT: adminPort,
        VALENCE_ADMIN_TOKEN: token,
        NODE_OPTIONS: `--import=${preload}`,
        FAULT_BLOCK_MS: String(blockMs),
      },
    );
  });
  after(async () => {
    await cluster?.stop();
    await database?.drop();
    await onServer(process.env["TEST_POSTGRES_URL"] ?? "", (client) => client.query(`drop role ${login}`));
  });

  async function modules(): Promise<readonly ModuleView[]> {
    const response = await fetch(`${env["VALENCE_ADMIN_URL"]}/admin/v1/modules`, {
      headers: { authorization: `Bearer ${token}` },
    });
    return ((await response.json()) as { modules: readonly ModuleView[] }).modules;
  }

  async function one(name: string): Promise<ModuleView> {
    const found = (await modules()).find(({ module }) => module === name);
    assert.ok(found, `${name} is not in the registry`);
    return found;
  }

  /** Resolves with the first look at which the module has one of these states. */
  async function becomes(
    name: string,
    states: readonly ModuleState[],
    withinMs: number,
  ): Promise<ModuleView> {
    const giveUpAtMs = performance.now() + withinMs;
    for (;;) {
      const seen = await one(name);
      if (states.includes(seen.state)) return seen;
      assert.ok(
        performance.now() < giveUpAtMs,
        `${name} is not ${states.join(" or ")} after ${withinMs} ms but ${JSON.stringify({ ...seen, atoms: {} })}`,
      );
      await sleep(askMs);
    }
  }

  const seenMs = limits.moduleStuckSeenMsMax + askMs + graceMs;
  const well: readonly ModuleState[] = ["live", "idle"];
  const alive = (pid: number): boolean => process.kill(pid, 0);
  const order = (merchantOrderId: string): Promise<unknown> =>
    submit(
      new Client(cluster.bridge, cluster.credentials),
      { merchantOrderId, amount: 100, currency: "CNY", subject: "tea", notifyUrl: cluster.notifyUrl },
      Date.now() + 20_000,
    );

  it("every module of a system at rest is well, the bridge with its narrow role included", async () => {
    await order("M-1");
    for (const name of cluster.names.filter((each) => !["simulator", "merchant"].includes(each)))
      await becomes(name, well, seenMs);
    // The next beat tells.
    await sleep(2 * limits.moduleBeatMs);
    for (const name of ["bridge", "flow", "channel:simulator", "notify", "feed", "scheduler", "admin"])
      assert.ok((await one(name)).progress.consumed >= 1, `${name} has ended something`);
  });

  it("event loop blocked: stuck within 10 s while the process lives; well again when it turns", async () => {
    const { pid } = await one("flow");
    process.kill(pid, "SIGUSR2");
    const seen = await becomes("flow", ["stuck"], seenMs);
    assert.match(seen.why, /event loop has not turned/);
    assert.ok(seen.beatAgoMs < limits.moduleLostMs, "it beats all the same");
    assert.ok(alive(pid));
    const { stdout } = await cli(["module", "list"], env);
    assert.match(stdout, /^stuck +flow /m);
    assert.match(stdout, /^stuck: flow on .*event loop has not turned/m);
    await becomes("flow", well, blockMs);
  });

  whenVerifying("a heartbeat thread that dies is started again", async () => {
    const connections = (): Promise<readonly number[]> =>
      onServer(database.url, async (client) => {
        const { rows } = await client.query<{ pid: number }>(
          "select pid from pg_stat_activity where application_name = 'valence notify heartbeat'",
        );
        return rows.map((row) => row.pid);
      });
    const before = await connections();
    assert.equal(before.length, 1, "a connection of its own, and one only");
    process.kill((await one("notify")).pid, "SIGWINCH");
    const looksUntilMs = performance.now() + limits.moduleLostMs + 2_000;
    while (performance.now() < looksUntilMs) {
      assert.notEqual((await one("notify")).state, "lost");
      await sleep(500);
    }
    let after = await connections();
    // The server may take a moment to see that the dead thread's end is gone.
    for (let round = 0; round < 20 && after.length !== 1; round++) {
      await sleep(500);
      after = await connections();
    }
    assert.equal(after.length, 1);
    assert.notDeepEqual(after, before, "it is another thread's");
  });

  whenVerifying("a stopped process (SIGSTOP) is lost, and well again when it goes on", async () => {
    const { pid } = await one("notify");
    process.kill(pid, "SIGSTOP");
    try {
      const { why } = await becomes("notify", ["lost"], limits.moduleLostMs + limits.moduleBeatMs + graceMs);
      assert.match(why, /no beat for 1\d\.\d s/);
      assert.ok(alive(pid));
    } finally {
      process.kill(pid, "SIGCONT");
    }
    await becomes("notify", well, 5_000);
  });

  it("kill -9: lost within the limit; gone when a process starts again on the same machine", async () => {
    const { instance } = await one("notify");
    await cluster.kill("notify");
    await becomes("notify", ["lost"], limits.moduleLostMs + limits.moduleBeatMs + graceMs);
    await cluster.up("notify");
    assert.ok((await modules()).every((module) => module.instance !== instance));
    await becomes("notify", well, 5_000);
  });

  it("stopped in order: it disappears, with the bridge's narrow role, too", async () => {
    for (const name of ["scheduler", "bridge"]) {
      process.kill((await one(name)).pid, "SIGTERM");
      const giveUpAtMs = performance.now() + 10_000;
      while ((await modules()).some(({ module }) => module === name)) {
        assert.ok(performance.now() < giveUpAtMs, `${name} is still known`);
        await sleep(askMs);
      }
      await cluster.up(name);
    }
  });

  whenVerifying(
    "a handler that never ends: stuck within 10 s while the process lives and beats",
    async () => {
      const { pid } = await one("flow");
      process.kill(pid, "SIGHUP");
      await sleep(graceMs);
      await order("M-2");
      const seen = await becomes("flow", ["stuck"], seenMs);
      assert.match(seen.why, /1 under way, the oldest for/);
      assert.ok(seen.progress.loopTurnAgoMs < limits.loopBlockedMs, "its event loop turns");
      assert.ok(alive(pid));
    },
  );
});
