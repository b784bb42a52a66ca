/**
 * The broker is killed and started again three times while orders flow: nothing is lost, nothing charged twice, no
 * process of ours is touched, and orders are decided again within 10 s of its return.
 */
import assert from "node:assert/strict";
import { connect, type Database } from "../../../adapters/store/postgres/database.js";
import { describeInVerify } from "../../support/buses.js";
import type { OwnServer } from "../../support/own-server.js";
import { Client, submit } from "../../support/client.js";
import { Cluster } from "../../support/cluster.js";
import { startNatsServer } from "../../support/nats-server.js";
import { freshDatabase, type TestDatabase } from "../../support/postgres.js";
import { startRabbitmqServer } from "../../support/rabbitmq-server.js";
import { reconcile } from "../../support/reconcile.js";

const brokers = [
  ["RabbitMQ", startRabbitmqServer],
  ["NATS JetStream", startNatsServer],
] as const;

const orders = 2_000;
const inFlight = 32;
const restarts = 3;
const downMs = 1_000;
const backMsMax = 10_000;
const settleMsMax = 120_000;

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

// In every run of the tests `everything.test.ts` kills each of them once.
for (const [name, start] of brokers) {
  describeInVerify(`${name} is killed ${restarts} times during ${orders} orders`, () => {
    it("nothing lost, nothing charged twice, decided again within 10 s of its return", async function () {
      this.timeout(400_000);
      let broker: OwnServer | undefined;
      let fresh: TestDatabase | undefined;
      let cluster: Cluster | undefined;
      let database: Database | undefined;
      try {
        broker = await start();
        fresh = await freshDatabase();
        cluster = await Cluster.start(
          fresh.url,
          [["bridge"], ["flow", "scheduler"], ["channel:simulator"], ["notify", "feed"]],
          new Map(),
          { VALENCE_BUS_URL: broker.url },
        );
        database = connect({ url: fresh.url, embedded: false, applicationName: "test", connectionsMax: 2 });
        const backMs = await traffic(cluster, broker);
        console.log(`      back after ${backMs.map((ms) => `${(ms / 1000).toFixed(1)} s`).join(", ")}`);
        assert.equal(backMs.length, restarts);
        assert.ok(Math.max(...backMs) <= backMsMax, `back after ${backMs.join(", ")} ms`);
        await reconcile(cluster, database, orders, settleMsMax);
      } finally {
        await database?.close();
        await cluster?.stop();
        await fresh?.drop();
        await broker?.stop();
      }
    });
  });
}

/**
 * Sends the orders, kills the broker at equal distances. Resolves with the time from each return until as many orders
 * were decided within a second as half of what was usual before the first death.
 */
async function traffic(cluster: Cluster, broker: OwnServer): Promise<readonly number[]> {
  const client = new Client(cluster.bridge, cluster.credentials);
  const giveUpAtMs = Date.now() + 240_000;
  const decidedAtMs: number[] = [];
  let next = 0;
  let kills = 0;
  let down = false;
  const sender = async (): Promise<void> => {
    while (next < orders) {
      // No order overtakes its death. While the broker is down each sender has one order waiting for it: with more,
      // none would be left to show that it is back.
      while (down || kills < Math.floor((next / orders) * (restarts + 1))) await sleep(10);
      const n = next++;
      const body = {
        merchantOrderId: `B-${n}`,
        ...{ amount: 100 + n, currency: "CNY", subject: "chaos", notifyUrl: cluster.notifyUrl },
      };
      const answer = await submit(client, body, giveUpAtMs);
      assert.ok(answer.status < 300, `B-${n}: ${answer.status} ${JSON.stringify(answer.body)}`);
      if (answer.status === 201) decidedAtMs.push(Date.now());
    }
  };
  const killer = async (): Promise<readonly number[]> => {
    const back: number[] = [];
    let usual = 0;
    for (let n = 1; n <= restarts; n++) {
      while (next < (orders * n) / (restarts + 1)) await sleep(5);
      usual ||= usualRate(decidedAtMs);
      await broker.kill();
      kills = n;
      await sleep(downMs / 2);
      down = true;
      await sleep(downMs / 2);
      await broker.start();
      down = false;
      back.push(await untilBack(decidedAtMs, usual / 2, Date.now()));
    }
    return back;
  };
  const killing = killer();
  killing.catch(() => undefined);
  await Promise.all(Array.from({ length: inFlight }, sender));
  return killing;
}

/** Orders decided per second so far, the first half left out: caches are cold in it. */
function usualRate(decidedAtMs: readonly number[]): number {
  const warm = decidedAtMs.slice(decidedAtMs.length / 2);
  return (warm.length / Math.max(1, (warm.at(-1) ?? 0) - (warm[0] ?? 0))) * 1000;
}

async function untilBack(
  decidedAtMs: readonly number[],
  perSecond: number,
  sinceMs: number,
): Promise<number> {
  for (;;) {
    const nowMs = Date.now();
    const fromMs = Math.max(sinceMs, nowMs - 1_000);
    if (decidedAtMs.filter((atMs) => atMs >= fromMs).length >= Math.min(perSecond, inFlight))
      return nowMs - sinceMs;
    if (nowMs - sinceMs > 60_000) return nowMs - sinceMs;
    await sleep(50);
  }
}
