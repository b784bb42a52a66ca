/**
 * kill -9 of any process at any time during 500 orders, then start again: every accepted order reaches its end, the
 * channel charged once per paid order and never otherwise, every notification arrives, accounting has one entry per paid
 * order. The seed chooses whom and when.
 */
import assert from "node:assert/strict";
import { busKindsNow, verifying } from "../../support/buses.js";
import { Client, submit } from "../../support/client.js";
import { Cluster } from "../../support/cluster.js";
import { freshDatabase, type TestDatabase } from "../../support/postgres.js";
import { reconcile } from "../../support/reconcile.js";
import { connect, type Database } from "../../../adapters/store/postgres/database.js";

/** Every bus dies its own way; the full matrix tries more seeds on each. */
const seeds = verifying ? [1, 2, 3] : [1];
const orders = 500;
const inFlight = 32;
/** Deaths at least; the orders keep pace with them, so that each finds some under way. */
const killsMin = 8;
const settleMsMax = 150_000;

/** Small, repeatable, good enough to choose victims (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe("kill -9 of any process at any time: nothing lost, nothing charged twice", () => {
  for (const { bus, seed } of busKindsNow.flatMap((bus) => seeds.map((seed) => ({ bus, seed })))) {
    it(`${bus.name}, seed ${seed}: ${orders} orders, module processes, institution and merchant`, async function () {
      this.timeout(360_000);
      let fresh: TestDatabase | undefined;
      let cluster: Cluster | undefined;
      let database: Database | undefined;
      try {
        fresh = await freshDatabase();
        cluster = await Cluster.start(
          fresh.url,
          [["bridge"], ["flow"], ["channel:simulator"], ["notify"], ["feed"], ["scheduler"]],
          new Map(),
          bus.settings(),
          // A merchant who dies is told again in seconds, not in minutes.
          (text) =>
            text
              .replace('"timeoutMs": [120000, 120000]', '"timeoutMs": [1000, 6000]')
              // More often, too: three tries may all find him dead.
              .replace('"entriesMax": 3', '"entriesMax": 10'),
        );
        database = connect({ url: fresh.url, embedded: false, applicationName: "test", connectionsMax: 2 });
        const kills = await traffic(cluster, seeded(seed));
        assert.ok(kills >= killsMin, `only ${kills} kills: the test tried nothing`);

        await reconcile(cluster, database, orders, settleMsMax);
      } finally {
        await database?.close();
        await cluster?.stop();
        await fresh?.drop();
      }
    });
  }
});

/** Sends the orders while processes die; every one is up again at the end. Resolves with the number of kills. */
async function traffic(cluster: Cluster, random: () => number): Promise<number> {
  const client = new Client(cluster.bridge, cluster.credentials);
  const giveUpAtMs = Date.now() + 180_000;
  let next = 0;
  let kills = 0;
  let done = false;
  const sender = async (): Promise<void> => {
    while (next < orders) {
      while (kills < Math.floor((next / orders) * (killsMin + 1))) await sleep(10);
      const merchantOrderId = `C-${next++}`;
      const body = {
        merchantOrderId,
        amount: 100 + next,
        currency: "CNY",
        subject: "chaos",
        notifyUrl: cluster.notifyUrl,
      };
      const answer = await submit(client, body, giveUpAtMs);
      assert.ok(answer.status < 300, `${merchantOrderId}: ${answer.status} ${JSON.stringify(answer.body)}`);
      // Thirty-two at a time and a breath between them: the orders must outlast a few deaths.
      await sleep(random() * 300);
    }
  };
  const killer = async (): Promise<number> => {
    while (!done) {
      await sleep(300 + random() * 1_200);
      const victim = cluster.names[Math.floor(random() * cluster.names.length)] ?? "flow";
      await cluster.kill(victim);
      kills++;
      await sleep(random() * 500);
      await cluster.up(victim);
    }
    return kills;
  };
  const killing = killer();
  // Observed at once, so that its failure is not unhandled while orders are still being sent.
  killing.catch(() => undefined);
  try {
    await Promise.all(Array.from({ length: inFlight }, sender));
  } finally {
    done = true;
  }
  return killing;
}
