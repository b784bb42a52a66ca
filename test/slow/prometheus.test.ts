/**
 * Prometheus scrapes a running system of several processes, evaluates the shipped rules, and answers what an operator
 * asks. promtool checks and tests the rules.
 */
import assert from "node:assert/strict";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { panels, rules } from "../deploy/files.js";
import { whenVerifying } from "../support/buses.js";
import { root } from "../support/checkout.js";
import { Client, submit } from "../support/client.js";
import { Cluster } from "../support/cluster.js";
import { freePort } from "../support/ports.js";
import { freshDatabase, type TestDatabase } from "../support/postgres.js";
import { runProgram } from "../support/process.js";

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const orders = 20;

interface Sample {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [number, string];
}

function prometheusUrl(): string {
  const url = process.env["TEST_PROMETHEUS_URL"];
  assert.ok(url, "TEST_PROMETHEUS_URL is not set; `npm test` sets it, or: eval $(scripts/services env)");
  return url;
}

async function ask<T>(question: string): Promise<T> {
  const response = await fetch(`${prometheusUrl()}/api/v1/${question}`);
  const { status, data, error } = (await response.json()) as { status: string; data: T; error?: string };
  assert.equal(status, "success", `${question}: ${error}`);
  return data;
}

const query = async (expression: string): Promise<readonly Sample[]> =>
  (await ask<{ result: readonly Sample[] }>(`query?query=${encodeURIComponent(expression)}`)).result;

describe("Prometheus", function () {
  this.timeout(90_000);
  let database: TestDatabase;
  let cluster: Cluster;
  let targets: string;

  before(async () => {
    // It may run since before the rules were changed.
    const { ok } = await fetch(`${prometheusUrl()}/-/reload`, { method: "POST" });
    assert.ok(ok, "the Prometheus of TEST_PROMETHEUS_URL cannot be told to reload (--web.enable-lifecycle)");
    // The folder it watches for targets stands in its configuration.
    const { yaml } = await ask<{ yaml: string }>("status/config");
    const folder = /(\/\S+\/targets)\/\*\.json/.exec(yaml)?.[1];
    assert.ok(folder, "the Prometheus of TEST_PROMETHEUS_URL watches no folder `targets` for *.json");
    database = await freshDatabase();
    const processes = [["bridge"], ["flow", "notify", "feed", "scheduler"], ["channel:simulator"], ["admin"]];
    const ports = new Map<string, string>();
    for (const names of processes) ports.set(names.join("+"), String(await freePort()));
    cluster = await Cluster.start(
      database.url,
      processes,
      new Map(),
      { VALENCE_ADMIN_TOKEN: "a-token-of-the-prometheus-test", VALENCE_PROBES_ENABLED: "true" },
      undefined,
      (name) => ({ VALENCE_PROBES_PORT: ports.get(name) ?? "0" }),
    );
    mkdirSync(folder, { recursive: true });
    targets = path.join(folder, `${process.pid}.json`);
    const list = [...ports.values()].map((port) => `127.0.0.1:${port}`);
    writeFileSync(targets, JSON.stringify([{ targets: list, labels: { test: String(process.pid) } }]));
    const client = new Client(cluster.bridge, cluster.credentials);
    for (let order = 0; order < orders; order++) {
      const merchantOrderId = `P-${order}`;
      const body = { merchantOrderId, amount: 100, currency: "CNY", subject: "tea" };
      await submit(client, { ...body, notifyUrl: cluster.notifyUrl }, Date.now() + 20_000);
    }
  });
  after(async () => {
    if (targets) rmSync(targets, { force: true });
    await cluster?.stop();
    await database?.drop();
  });

  const ours = `test="${process.pid}"`;

  /** Asks until the answer is as expected: scrapes come every two seconds. */
  async function eventually(
    expression: string,
    expected: (samples: readonly Sample[]) => boolean,
  ): Promise<readonly Sample[]> {
    const giveUpAtMs = performance.now() + 30_000;
    for (;;) {
      const samples = await query(expression);
      if (expected(samples)) return samples;
      assert.ok(performance.now() < giveUpAtMs, `${expression}: ${JSON.stringify(samples)}`);
      await sleep(500);
    }
  }
  const first = (samples: readonly Sample[]): number => Number(samples[0]?.value[1] ?? Number.NaN);

  it("scrapes every process, also those without an HTTP server of their own", () =>
    eventually(`sum(up{${ours}})`, (samples) => first(samples) === 4));

  it("knows every order as a run that ended, by type, and where its time went", async () => {
    await eventually(
      `sum(valence_runs_ended_total{${ours}, flow="pay", type="pay", end="end:paid"})`,
      (samples) => first(samples) === orders,
    );
    for (const name of ["queue_wait", "atoms", "transaction_commit"])
      await eventually(
        `sum(valence_${name}_seconds_count{${ours}, queue="channel.simulator", type="pay"})`,
        (samples) => first(samples) === orders,
      );
    await eventually(
      `sum(valence_channel_seconds_count{${ours}, channel="simulator", atom="channel.charge"})`,
      (samples) => first(samples) === orders,
    );
  });

  it("knows every module of the system, once, from the process with the admin module", async () => {
    const modules = await eventually(
      `valence_module_state{${ours}, state=~"live|idle"} == 1`,
      (samples) => samples.length === 7,
    );
    assert.deepEqual(modules.map(({ metric }) => metric["module"]).sort(), [
      ...["admin", "bridge", "channel:simulator", "feed", "flow", "notify", "scheduler"],
    ]);
    assert.deepEqual([...new Set(modules.map(({ metric }) => metric["service"]))], ["admin"]);
    assert.ok(first(await query(`valence_journal_days_ahead{${ours}}`)) >= 6);
    assert.equal((await query(`valence_journal_days_ahead{${ours}}`)).length, 1);
  });

  it("knows the breaker of every channel, from the process of that channel", async () => {
    const breakers = await eventually(`valence_channel_breaker{${ours}}`, ({ length }) => length > 0);
    assert.deepEqual(
      breakers.map(({ metric, value }) => [metric["channel"], metric["service"], value[1]]),
      [["simulator", "channel:simulator", "0"]],
    );
  });

  it("loads every alert rule, and evaluates it without an error", async () => {
    const { groups } = await ask<{
      groups: readonly { rules: readonly { name: string; health: string; lastError?: string }[] }[];
    }>("rules");
    const loaded = groups.flatMap((group) => group.rules);
    assert.deepEqual(
      loaded.map(({ name }) => name).sort(),
      rules()
        .map(({ alert }) => alert)
        .sort(),
    );
    assert.deepEqual(
      loaded.filter(({ health }) => health !== "ok").map(({ name, lastError }) => `${name}: ${lastError}`),
      [],
    );
  });

  it("answers every query of the dashboard", async () => {
    for (const { title, targets: queries = [] } of panels())
      for (const { expr } of queries) {
        // Neither a breaker nor an outbox is part of this system, and its queues are empty by now.
        const mayBeEmpty = /channel_breaker|outbox|valence_queue_/.test(expr);
        const question = expr.replaceAll("$__rate_interval", "1m");
        // A rate needs two scrapes.
        await eventually(question, (found) => found.length > 0 || mayBeEmpty).catch((error: unknown) => {
          throw new Error(`panel ${title}: ${String(error)}`);
        });
      }
  });

  whenVerifying("a module that is killed raises its alert", async () => {
    await cluster.kill("channel:simulator");
    const [alert] = await eventually(
      'ALERTS{alertname="ValenceModuleGone", module="channel:simulator"}',
      (samples) => samples.length > 0,
    );
    assert.equal(alert?.metric["severity"], "page");
    assert.equal((await query('ALERTS{alertname="ValenceModuleGone", module="flow"}')).length, 0);
  });
});

describe("promtool", () => {
  const checks: readonly (readonly [string, readonly string[]])[] = [
    ["the rules are valid", ["check", "rules", "deploy/prometheus/rules.yml"]],
    ["the configuration is valid", ["check", "config", "deploy/prometheus/prometheus.yml"]],
    ["each alert fires when it should, and only then", ["test", "rules", "deploy/prometheus/rules.test.yml"]],
  ];
  for (const [what, args] of checks)
    it(what, async () => {
      const { code, stdout, stderr } = await runProgram("promtool", args, { cwd: root });
      assert.equal(code, 0, stdout + stderr);
    });
});
