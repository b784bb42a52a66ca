/**
 * The bridge as a process of its own, under what strangers send over raw sockets. Afterwards it lives, holds nothing,
 * takes orders, and no order exists that nobody was told of. `FUZZ_SEED` repeats a run.
 */
import assert from "node:assert/strict";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { setTimeout as pause } from "node:timers/promises";
import { connect, type Database } from "../../adapters/store/postgres/database.js";
import { verifying } from "../support/buses.js";
import { root } from "../support/checkout.js";
import { Client } from "../support/client.js";
import { Cluster } from "../support/cluster.js";
import { attacks } from "../support/fuzz/attacks.js";
import { Dice } from "../support/fuzz/dice.js";
import { Target } from "../support/fuzz/target.js";
import { freshDatabase, type TestDatabase } from "../support/postgres.js";
import { outcomeOf, reconcile } from "../support/reconcile.js";

const rounds = verifying ? 12 : 3;
/** Of every attack, in one round. */
const repeats = verifying ? 8 : 2;
/** Attacks at a time. */
const lanes = 32;
/** What one round may leave behind without being a leak: caches that fill, code that is compiled. */
const heapSlackBytes = 6 * 1024 * 1024;
const seed = Number(process.env["FUZZ_SEED"] ?? Date.now() % 1_000_000);

const settings = {
  VALENCE_BRIDGE_ARRIVAL_MS_MAX: "1500",
  VALENCE_BRIDGE_CONNECTIONS_MAX: "1000",
  VALENCE_BRIDGE_IN_FLIGHT_MAX: "200",
};

describe(`a bridge under fire (FUZZ_SEED=${seed})`, function () {
  this.timeout(verifying ? 900_000 : 120_000);
  let testDatabase: TestDatabase;
  let database: Database;
  let cluster: Cluster;
  let target: Target;
  const heaps: number[] = [];
  const dice = new Dice(seed);

  before(async () => {
    testDatabase = await freshDatabase();
    const preload = pathToFileURL(path.join(root, "dist/test/support/preload/collect.js")).href;
    const modules = [["bridge"], ["flow", "notify", "feed", "scheduler", "channel:simulator"]];
    cluster = await Cluster.start(testDatabase.url, modules, new Map(), settings, undefined, (name) =>
      name === "bridge" ? { NODE_OPTIONS: `--import ${preload}` } : {},
    );
    database = connect({
      url: testDatabase.url,
      embedded: false,
      applicationName: "test",
      connectionsMax: 1,
    });
    target = new Target(cluster.bridge, cluster.credentials, cluster.notifyUrl);
  });
  after(async () => {
    await cluster?.stop();
    await database?.close();
    await testDatabase?.drop();
  });

  const metrics = async (): Promise<string> => (await fetch(`${cluster.bridge}/metrics`)).text();

  /** The least of a few looks: garbage is collected every second. */
  async function heapBytes(): Promise<number> {
    const looks: number[] = [];
    for (let n = 0; n < 4; n++) {
      await pause(400);
      looks.push(Number(/^nodejs_heap_size_used_bytes\{[^}]*\} (\S+)/m.exec(await metrics())?.[1]));
    }
    return Math.min(...looks);
  }

  async function round(): Promise<void> {
    const due = Object.entries(attacks).flatMap((attack) => Array.from({ length: repeats }, () => attack));
    due.sort(() => dice.fraction() - 0.5);
    const lane = async (own: Dice): Promise<void> => {
      for (let next = due.pop(); next; next = due.pop()) {
        const [what, attack] = next;
        try {
          await attack(target, own);
        } catch (error) {
          throw new Error(`${what}: ${String(error)}`, { cause: error });
        }
      }
    };
    await Promise.all(Array.from({ length: lanes }, () => lane(new Dice(dice.whole(2 ** 32)))));
  }

  it("every answer is a success or a problem, whole, or the connection is closed", async () => {
    for (let n = 0; n < rounds; n++) {
      await round();
      heaps.push(await heapBytes());
      assert.ok(cluster.lives("bridge"), `the bridge died in round ${n + 1}`);
    }
    // Not every kind comes up in a short run; these do.
    for (const status of ["201", "400", "401", "408", "413", "422"])
      assert.ok(
        target.tally.has(status),
        `nothing was answered ${status}: ${JSON.stringify([...target.tally])}`,
      );
  });

  it("nothing is left of it: no connection, no request in work, no memory", async () => {
    const text = await metrics();
    assert.doesNotMatch(text, /valence_requests_total\{[^}]*status="500"/);
    const first = heaps[0] ?? 0;
    const last = heaps.at(-1) ?? 0;
    const grown = heaps.map((bytes) => `${(bytes / 1024 / 1024).toFixed(1)} MiB`).join(", ");
    assert.ok(last - first < heapSlackBytes, `the heap grows from round to round: ${grown}`);
  });

  it("a good order is paid at once", async () => {
    const client = new Client(cluster.bridge, cluster.credentials);
    const order = target.order();
    const answer = await client.post("/v1/orders", order);
    assert.deepEqual([answer.status, answer.body["status"]], [201, "paid"]);
    target.accepted.add(String(answer.body["orderId"]));
  });

  it("every order that was accepted is paid, told and entered once, and there is no other", async () => {
    const { orders } = await outcomeOf(database);
    const known = new Set([...target.accepted, ...target.unanswered]);
    assert.deepEqual(
      orders.map(({ orderId }) => orderId).filter((id) => !known.has(id)),
      [],
    );
    const found = new Set(orders.map(({ orderId }) => orderId));
    assert.deepEqual(
      [...target.accepted].filter((id) => !found.has(id)),
      [],
    );
    await reconcile(cluster, database, orders.length, 30_000);
    if (process.env["FUZZ_REPORT"])
      console.log(
        JSON.stringify({
          seed,
          connections: target.connections,
          ...Object.fromEntries(target.tally),
          orders: orders.length,
          heaps,
        }),
      );
  });
});
