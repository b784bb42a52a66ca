/**
 * Paid orders are announced once and consumed by two subscribers that know nothing of each other: the notifier and the
 * accounting feed. One is away, or cannot work; the other does not notice; later everything is there, each once.
 */
import assert from "node:assert/strict";
import { connect, type Database } from "../../adapters/store/postgres/database.js";
import type { QueueDepth } from "../../engine/ports/bus.js";
import { busKindsNow } from "../support/buses.js";
import { cli } from "../support/cli.js";
import { Client } from "../support/client.js";
import { Cluster } from "../support/cluster.js";
import { freePort } from "../support/ports.js";
import { freshDatabase, type TestDatabase } from "../support/postgres.js";
import { type RunningModules, startRun } from "../support/system.js";

const token = "a-token-of-the-topics-test";
const orders = 50;
const inFlight = 8;
const settleMsMax = 30_000;

for (const bus of busKindsNow) {
  describe(`topics: two subscribers of paid orders, messages on ${bus.name}`, function () {
    this.timeout(120_000);
    let fresh: TestDatabase;
    let database: Database;
    let cluster: Cluster;
    let admin: Readonly<Record<string, string>>;
    let onBus: Readonly<Record<string, string>>;
    /** Apart from the cluster, which starts without it. */
    let feed: RunningModules | undefined;

    before(async () => {
      fresh = await freshDatabase();
      database = connect({ url: fresh.url, embedded: false, applicationName: "test", connectionsMax: 2 });
      const adminPort = String(await freePort());
      admin = { VALENCE_ADMIN_URL: `http://127.0.0.1:${adminPort}`, VALENCE_ADMIN_TOKEN: token };
      onBus = bus.settings();
      cluster = await Cluster.start(
        fresh.url,
        [["flow", "scheduler", "channel:simulator", "admin"], ["notify"], ["bridge"]],
        new Map(),
        { ...onBus, VALENCE_ADMIN_PORT: adminPort, VALENCE_ADMIN_TOKEN: token },
      );
    });
    after(async () => {
      await feed?.stop();
      await cluster?.stop();
      await database?.close();
      await fresh?.drop();
    });

    /** Pays `count` orders with numbers that begin so; resolves with their ids. */
    async function pay(prefix: string, count: number): Promise<readonly string[]> {
      const client = new Client(cluster.bridge, cluster.credentials);
      const paid: string[] = [];
      let next = 0;
      const sender = async (): Promise<void> => {
        while (next < count) {
          const n = next++;
          const { status, body } = await client.post("/v1/orders", {
            ...{ merchantOrderId: `${prefix}-${n}`, amount: 100 + n, currency: "CNY", subject: "topics" },
            notifyUrl: cluster.notifyUrl,
          });
          assert.deepEqual([status, body["status"]], [201, "paid"], JSON.stringify(body));
          paid.push(String(body["orderId"]));
        }
      };
      await Promise.all(Array.from({ length: Math.min(inFlight, count) }, sender));
      return paid.sort();
    }

    async function eventually<T>(
      what: string,
      look: () => Promise<T>,
      well: (seen: T) => boolean,
    ): Promise<T> {
      const giveUpAtMs = Date.now() + settleMsMax;
      for (;;) {
        const seen = await look();
        if (well(seen)) return seen;
        assert.ok(Date.now() < giveUpAtMs, `${what}: ${JSON.stringify(seen)}`);
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    }

    const told = async (): Promise<readonly string[]> =>
      (await cluster.deliveries()).map(({ data }) => data.orderId).sort();
    /** As accounting reads it. */
    const entered = async (): Promise<readonly string[]> => {
      const rows = await database.pool.query<{ id: string }>(
        "select order_id as id from core.accounting_feed_readable order by written_by, sequence",
      );
      return rows.map(({ id }) => id).sort();
    };
    async function depth(queue: string): Promise<QueueDepth | undefined> {
      const { stdout, stderr, code } = await cli(["queue", "list", "--json"], admin);
      assert.equal(code, 0, stderr);
      return (JSON.parse(stdout) as readonly QueueDepth[]).find((each) => each.queue === queue);
    }

    it(`no feed runs while ${orders} orders are paid: all are told; when one starts all are entered, each once`, async () => {
      const paid = await pay("T", orders);
      assert.deepEqual(await eventually("told", told, (ids) => ids.length >= orders), paid);
      assert.deepEqual(await entered(), []);
      assert.equal((await depth("feed.accounting"))?.ready, orders);
      feed = await startRun(["feed"], { databaseUrl: fresh.url, env: onBus });
      assert.deepEqual(await eventually("entered", entered, (ids) => ids.length >= orders), paid);
      await eventually(
        "done",
        () => depth("feed.accounting"),
        (left) => left === undefined,
      );
      assert.deepEqual(await told(), paid, "nobody was told again");
      assert.equal((await entered()).length, orders, "and nothing was entered again");
    });

    it("the feed's table refuses an order: it is told, buried for the feed alone, and entered after a replay", async () => {
      const before = (await entered()).length;
      await database.pool.query(
        "alter table core.accounting_feed add constraint shut check (false) not valid",
      );
      const [orderId = ""] = await pay("R", 1);
      await eventually(
        "buried",
        () => depth("feed.accounting"),
        (left) => left?.dead === 1,
      );
      await eventually("told", told, (ids) => ids.includes(orderId));
      assert.equal((await entered()).length, before);
      const { stdout: parked } = await cli(["order", "show", orderId], admin);
      assert.match(parked, /^ {2}accounting \S+: parked \(dead-letter/m);

      await database.pool.query("alter table core.accounting_feed drop constraint shut");
      const { code, stderr } = await cli(["queue", "replay", "feed.accounting", "--reason", "mended"], admin);
      assert.equal(code, 0, stderr);
      await eventually("entered", entered, (ids) => ids.includes(orderId));
      const { stdout } = await cli(["order", "show", orderId], admin);
      assert.match(stdout, /^ {2}accounting \S+: ended \(entered\), stage enter; Enter paid orders/m);
      assert.match(stdout, /accounting\/enter: accounting\.enter -> ok, next end:entered/);
    });
  });
}
