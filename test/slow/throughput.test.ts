/**
 * What is shown of throughput is what happened: the recorded series of several processes against their own counters
 * and against the rows in the database.
 */
import assert from "node:assert/strict";
import { connect, type Database } from "../../adapters/store/postgres/database.js";
import type { Throughput, ThroughputView } from "../../engine/registry/throughput.js";
import { Client, submit } from "../support/client.js";
import { Cluster } from "../support/cluster.js";
import { freePort } from "../support/ports.js";
import { freshDatabase, type TestDatabase } from "../support/postgres.js";
import { countOpen } from "../support/reconcile.js";

const token = "a-token-of-the-throughput-test";
const orders = 30;
const declined = 7;
const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

interface Counter {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

function parse(text: string): readonly Counter[] {
  return [...text.matchAll(/^(\w+)\{(.*)\} (\S+)$/gm)].map(([, name = "", list = "", value]) => ({
    name,
    labels: Object.fromEntries(
      [...list.matchAll(/(\w+)="([^"]*)"/g)].map(([, key = "", each = ""]) => [key, each]),
    ),
    value: Number(value),
  }));
}

/** Sums by what `key` makes of the labels; undefined leaves a series out. */
function sums(
  counters: readonly Counter[],
  name: string,
  key: (labels: Counter["labels"]) => string | undefined,
): Readonly<Record<string, number>> {
  const found: Record<string, number> = {};
  for (const counter of counters) {
    const of = counter.name === name ? key(counter.labels) : undefined;
    if (of !== undefined) found[of] = (found[of] ?? 0) + counter.value;
  }
  return found;
}

const outcomes = (views: readonly ThroughputView[]): Readonly<Record<string, number>> =>
  Object.fromEntries(
    views.flatMap(({ name, outcomes: each }) =>
      Object.entries(each).map(([outcome, count]) => [`${name} ${outcome}`, count]),
    ),
  );
const sorted = (counts: Readonly<Record<string, number>>): readonly (readonly [string, number])[] =>
  Object.entries(counts).sort(([a], [b]) => (a < b ? -1 : 1));

describe("throughput that is shown agrees with /metrics and with the database", function () {
  this.timeout(90_000);
  let home: TestDatabase;
  let database: Database;
  let cluster: Cluster;
  let scraped: readonly Counter[];
  let shown: Throughput;

  before(async () => {
    home = await freshDatabase();
    database = connect({ ...home, applicationName: "test", connectionsMax: 2 });
    const processes = [
      ["flow", "scheduler"],
      ["channel:simulator"],
      ["notify", "feed"],
      ["bridge"],
      ["admin"],
    ];
    const ports = new Map<string, string>();
    for (const names of processes) ports.set(names.join("+"), String(await freePort()));
    const adminPort = String(await freePort());
    cluster = await Cluster.start(
      home.url,
      processes,
      new Map(),
      { VALENCE_ADMIN_TOKEN: token, VALENCE_ADMIN_PORT: adminPort, VALENCE_PROBES_ENABLED: "true" },
      undefined,
      (name) => ({ VALENCE_PROBES_PORT: ports.get(name) ?? "0" }),
    );
    const fault = { kind: "decline", rate: 1, match: { amount: 777 } };
    await fetch(`${cluster.simulator}/__sim/faults`, { method: "POST", body: JSON.stringify(fault) });
    const client = new Client(cluster.bridge, cluster.credentials);
    await Promise.all(
      Array.from({ length: orders }, (_, n) => {
        const body = {
          merchantOrderId: `T-${n}`,
          amount: n < declined ? 777 : 100,
          currency: "CNY",
          subject: "tea",
        };
        return submit(client, { ...body, notifyUrl: cluster.notifyUrl }, Date.now() + 30_000);
      }),
    );
    while ((await countOpen(database)) > 0) await sleep(100);
    const others = [...ports].filter(([name]) => name !== "admin");
    const texts = await Promise.all(
      others.map(async ([, port]) => (await fetch(`http://127.0.0.1:${port}/metrics`)).text()),
    );
    scraped = texts.flatMap(parse);
    // A process that stops in order writes what it has left.
    await Promise.all(others.map(([name]) => cluster.end(name)));
    const writtenAtMs = Date.now();
    for (;;) {
      const response = await fetch(`http://127.0.0.1:${adminPort}/admin/v1/metrics/history?minutes=5`, {
        headers: { authorization: `Bearer ${token}` },
      });
      assert.equal(response.status, 200);
      shown = (await response.json()) as Throughput;
      if (shown.toMs > writtenAtMs) break;
      await sleep(250);
    }
  });
  after(async () => {
    await cluster?.stop();
    await database?.close();
    await home?.drop();
  });

  it("every order is a run that ended, by type and by end, as the rows say", async () => {
    const rows = await database.pool.query<{ key: string; count: number }>(
      `select type || ' end:' || reason as key, count(*)::int as count from core.runs
       where state = 'ended' and flow in ('pay', 'refund', 'close', 'callback') group by 1`,
    );
    const inDatabase = Object.fromEntries(rows.map(({ key, count }) => [key, count]));
    assert.equal(inDatabase["pay end:paid"], orders - declined);
    assert.equal(inDatabase["pay end:failed"], declined);
    assert.deepEqual(sorted(outcomes(shown.types)), sorted(inDatabase));
    assert.equal(
      shown.system.count,
      Object.values(inDatabase).reduce((sum, count) => sum + count, 0),
    );
  });

  it("every transaction is one end in the journal, by queue and outcome as the processes counted", async () => {
    const counted = sums(
      scraped,
      "valence_transactions_total",
      ({ queue, outcome }) => `${queue} ${outcome}`,
    );
    assert.deepEqual(sorted(outcomes(shown.queues)), sorted(counted));
    const [ends] = await database.pool.query<{ count: number }>(
      "select count(*)::int as count from core.journal where kind = 'end'",
    );
    assert.equal(
      shown.queues.reduce((sum, { count }) => sum + count, 0),
      ends?.count,
    );
  });

  it("modules have ended what they say they have", () => {
    const counted = sums(scraped, "valence_module_messages_total", ({ module }) => module);
    const { admin: _, ...ended } = Object.fromEntries(shown.modules.map(({ name, count }) => [name, count]));
    // Schedulers go on until they are stopped.
    const { scheduler: rounds = 0, ...rest } = ended;
    const { scheduler = 0, ...wanted } = counted;
    assert.deepEqual(sorted(rest), sorted(wanted));
    assert.ok(rounds >= scheduler);
  });

  const parts = [
    ["queueWait", "valence_queue_wait_seconds"],
    ["atoms", "valence_atoms_seconds"],
    ["commit", "valence_transaction_commit_seconds"],
  ] as const;
  for (const [part, metric] of parts)
    it(`${part}: as many observations and as much time as ${metric}, by queue`, () => {
      const counts = sums(scraped, `${metric}_count`, ({ queue }) => queue);
      const seconds = sums(scraped, `${metric}_sum`, ({ queue }) => queue);
      assert.ok(Object.keys(counts).length >= 4, Object.keys(counts).join());
      for (const [queue, count] of Object.entries(counts)) {
        const latency = shown.queues.find(({ name }) => name === queue)?.latency[part];
        assert.equal(latency?.count, count, queue);
        const shownS = ((latency?.meanMs ?? 0) * count) / 1_000;
        // Means are shown to a thousandth of a millisecond.
        assert.ok(Math.abs(shownS - (seconds[queue] ?? 0)) <= count * 1e-6, `${queue}: ${shownS} s`);
      }
    });

  it("channels: as many exchanges as counted; requests: as many as orders", () => {
    const exchanges = sums(scraped, "valence_channel_seconds_count", ({ channel }) => channel || undefined);
    assert.equal(shown.channels[0]?.latency.channel?.count, exchanges["simulator"]);
    const requests = sums(scraped, "valence_request_seconds_count", ({ route }) => route);
    assert.equal(shown.system.latency.request?.count, requests["/v1/orders"]);
  });

  it("the windows of the course add up to the span", () => {
    for (const view of [shown.system, ...shown.queues, ...shown.types, ...shown.channels]) {
      const added = view.course.perS.reduce((sum, perS) => sum + perS * shown.windowS, 0);
      assert.ok(Math.abs(added - view.count) < 1e-6, `${view.name}: ${added} of ${view.count}`);
    }
  });

  it("somebody looked at the queues in every window in which there was an admin module", () => {
    assert.ok(shown.system.course.depth.some((depth) => depth !== null));
  });
});
