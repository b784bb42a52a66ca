/**
 * kill -9 between a commit and its sends: the broker has heard nothing of it, the outbox has it. Another process
 * sends what the dead one left. No scheduler runs, so nothing else could set the order going again.
 */
import assert from "node:assert/strict";
import { connect, type Database } from "../../adapters/store/postgres/database.js";
import { verifying } from "../support/buses.js";
import { brokerKinds, busSettings } from "../support/brokers.js";
import { Client } from "../support/client.js";
import { Cluster } from "../support/cluster.js";
import { freshDatabase, type TestDatabase } from "../support/postgres.js";
import { reconcile } from "../support/reconcile.js";

/** Takes the place of whoever dies. */
const heir = ["flow", "channel:simulator"];
const victims = [
  { name: "flow", before: "its charge was asked for" },
  { name: "channel:simulator", before: "anybody knew of its charge" },
];
const settleMsMax = 60_000;

const until = async (what: string, fact: () => Promise<boolean>): Promise<void> => {
  const giveUpAtMs = Date.now() + settleMsMax;
  while (!(await fact())) {
    assert.ok(Date.now() < giveUpAtMs, `waited in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
};

describe("killed after its commit and before its sends: the order is paid all the same, once", function () {
  this.timeout(180_000);
  for (const kind of verifying ? brokerKinds : brokerKinds.slice(1)) {
    for (const { name: victim, before } of verifying ? victims : victims.slice(1)) {
      it(`${kind.name}: ${victim} dies before ${before}`, async () => {
        let fresh: TestDatabase | undefined;
        let cluster: Cluster | undefined;
        let database: Database | undefined;
        try {
          fresh = await freshDatabase();
          cluster = await Cluster.start(
            fresh.url,
            [["bridge"], ["flow"], ["channel:simulator"], ["notify", "feed"], heir],
            new Map(),
            busSettings(kind),
            undefined,
            (name) => (name === victim ? { VALENCE_TEST_CRASH: "committed-unsent" } : {}),
          );
          await cluster.end(heir.join("+"));
          database = connect({ url: fresh.url, embedded: false, applicationName: "test", connectionsMax: 1 });
          const { pool } = database;
          const client = new Client(cluster.bridge, cluster.credentials);
          const answer = await client.post("/v1/orders", {
            ...{ merchantOrderId: "R-1", amount: 100, currency: "CNY", subject: "tea" },
            notifyUrl: cluster.notifyUrl,
          });
          assert.ok(answer.status < 300, JSON.stringify(answer));
          const dead = cluster;
          await until(`the death of ${victim}`, async () => !dead.lives(victim));
          const left = await pool.query(
            `select 1 from bus.outbox o join core.modules m on m.instance = o.owner where m.module = $1`,
            [victim],
          );
          assert.equal(left.length, 1, "the dead process left one message, committed and unsent");
          await cluster.up(heir.join("+"));
          await reconcile(cluster, database, 1, settleMsMax);
        } finally {
          await database?.close();
          await cluster?.stop();
          await fresh?.drop();
        }
      });
    }
  }
});
