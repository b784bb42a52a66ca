/** The shadow replay on a real system: real runs, the real database, a real institution; and nothing of it is touched. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type pg from "pg";
import type { RunCounts } from "../../engine/ports/index.js";
import type { DefinitionFile } from "../../engine/schema/definitions.js";
import type { ShadowReport } from "../../engine/shadow/shadow.js";
import { Client } from "../support/client.js";
import { freshDatabase, onServer, type TestDatabase } from "../support/postgres.js";
import { changed } from "../support/shipped.js";
import { type RunningUp, startUp } from "../support/system.js";

const waitMsMax = 20_000;
const until = async (what: string, fact: () => Promise<boolean>): Promise<void> => {
  const giveUpAtMs = Date.now() + waitMsMax;
  while (!(await fact())) {
    assert.ok(Date.now() < giveUpAtMs, `waited in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
};

describe("shadow replay of a running system", function () {
  this.timeout(60_000);
  const dataDir = mkdtempSync(path.join(tmpdir(), "valence-test-"));
  let database: TestDatabase;
  let up: RunningUp;

  before(async () => {
    database = await freshDatabase();
    up = await startUp({ dataDir, databaseUrl: database.url });
    const { bridge, notifyUrl, merchantId, keyId, secret } = up.demo;
    const client = new Client(bridge, { merchantId, keyId, secret });
    const order = { amount: 500, currency: "CNY", subject: "tea", notifyUrl };
    for (const merchantOrderId of ["S-1", "S-2", "S-3"]) {
      const paid = await client.post("/v1/orders", { ...order, merchantOrderId });
      assert.equal(paid.body["status"], "paid");
      const refund = { merchantRefundId: `R-${merchantOrderId}`, amount: 100 };
      const path = `/v1/orders/${String(paid.body["orderId"])}/refunds`;
      assert.ok((await client.post(path, refund)).status < 300);
    }
    await until("every run is over", async () => {
      const [row] = await rows(
        "select count(*)::int as n, count(*) filter (where state = 'ended')::int as over from core.runs",
      );
      return row?.["n"] === row?.["over"] && Number(row?.["n"]) >= 18;
    });
  });
  after(async () => {
    await (up as RunningUp | undefined)?.stop();
    await (database as TestDatabase | undefined)?.drop();
    rmSync(dataDir, { recursive: true });
  });

  const rows = (text: string): Promise<Record<string, unknown>[]> =>
    onServer(
      database.url,
      async (client: pg.Client) => (await client.query(text)).rows as Record<string, unknown>[],
    );

  async function admin<Body>(path: string, body?: object): Promise<Body> {
    const response = await fetch(`${up.demo.admin}/admin/v1${path}`, {
      headers: { authorization: `Bearer ${up.demo.adminToken}`, "content-type": "application/json" },
      ...(body ? { method: "POST", body: JSON.stringify(body) } : {}),
    });
    const text = await response.text();
    assert.ok(response.ok, text);
    return JSON.parse(text) as Body;
  }

  const filesInForce = async (): Promise<readonly DefinitionFile[]> =>
    (await admin<{ files: readonly DefinitionFile[] }>("/flows/definitions")).files;
  const replay = (files: readonly DefinitionFile[], flow: string): Promise<ShadowReport & { ok: boolean }> =>
    admin("/flows/replay", { files, flow, count: 50 });

  /** Every row that a run could leave, and what institution and merchant have seen. */
  async function everything(): Promise<unknown> {
    const tables = await rows(
      "select schemaname || '.' || relname as name from pg_stat_user_tables where schemaname in ('core', 'bus', 'config', 'edge') order by 1",
    );
    const still = tables
      .map(({ name }) => String(name))
      .filter((name) => !/modules|channel_health/.test(name));
    const counts = await rows(
      still.map((name) => `select '${name}' as name, count(*)::int as n from ${name}`).join(" union all "),
    );
    const seen = await Promise.all(
      [`${up.demo.simulator}/__sim/charges`, `${up.demo.simulator}/__sim/requests`].map(async (url) =>
        (await fetch(url)).text(),
      ),
    );
    const { queues } = await admin<{ queues: object[] }>("/queues");
    return { counts, seen, queues };
  }

  it("definitions in force: every run the same again, and nothing is written, sent or called", async () => {
    const files = await filesInForce();
    const before = await everything();
    for (const [flow, least] of [
      ["pay", 3],
      ["refund", 3],
      ["notify", 3],
      ["notify-refund", 3],
      ["accounting", 3],
    ] as const) {
      const { ok, runs, same, left } = await replay(files, flow);
      assert.deepEqual([ok, same, left], [true, runs.length, 0], JSON.stringify(runs));
      assert.ok(same >= least, `${flow}: ${same}`);
    }
    assert.deepEqual(await everything(), before);
  });

  it("counts the ways the newest runs took, and how many begin", async () => {
    const { runs, ways, standing } = await admin<RunCounts>("/flows/pay/counts");
    assert.deepEqual([runs, standing], [3, []]);
    assert.deepEqual(ways, [
      { stage: "charge", outcome: "approved", count: 3 },
      { stage: "intake", outcome: "ok", count: 3 },
      { stage: "settle", outcome: "paid", count: 3 },
    ]);
    const { perMinute } = await admin<{ perMinute: Record<string, number> }>("/flows/rates");
    assert.deepEqual([perMinute["pay"], perMinute["callback"]], [3, undefined]);
    assert.deepEqual((await admin<RunCounts>("/flows/nobody/counts")).runs, 0);
  });

  it("another way out of a stage: every run differs there", async () => {
    const files = Object.entries(
      changed("pay.flow.json", (flow) => {
        const stages = flow["stages"] as Record<string, { on: Record<string, string> }>;
        stages["charge"]!.on["approved"] = "park:review";
      }),
    ).map(([path, text]) => ({ path, text }));
    const { differs, runs } = await replay(files, "pay");
    assert.deepEqual([differs, runs.length], [3, 3], JSON.stringify(runs));
    for (const run of runs) {
      assert.ok(run.verdict === "differs");
      assert.deepEqual([run.difference.stage, run.replayed.end], ["charge", "park:review"]);
    }
  });
});
