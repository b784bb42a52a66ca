/**
 * The same promise for one process on the embedded database: kill -9, start again on the same folder, and every
 * accepted order is paid, charged once, and its merchant told.
 */
import assert from "node:assert/strict";
import { describeInVerify } from "../../support/buses.js";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { Client, submit } from "../../support/client.js";
import { freePort } from "../../support/ports.js";
import { type RunningUp, startUp } from "../../support/system.js";

const orders = 500;
const kills = 12;
const inFlight = 16;

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describeInVerify("kill -9 of everything at once, on the embedded database", function () {
  this.timeout(300_000);
  it(`${orders} orders, ${kills} deaths: nothing lost, nothing charged twice`, async () => {
    const dataDir = mkdtempSync(path.join(tmpdir(), "valence-kill-"));
    const env: Record<string, string> = {};
    for (const name of ["BRIDGE", "ADMIN", "SIMULATOR", "MERCHANT"]) {
      env[`VALENCE_${name}_PORT`] = String(await freePort());
    }
    const start = (): Promise<RunningUp> => startUp({ dataDir, env });
    let system = await start();
    try {
      const { demo } = system;
      const client = new Client(demo.bridge, demo);
      const accepted: string[] = [];
      const giveUpAtMs = Date.now() + 200_000;
      let next = 0;
      const sender = async (): Promise<void> => {
        while (next < orders) {
          const order = {
            merchantOrderId: `E-${next++}`,
            amount: 100,
            currency: "CNY",
            subject: "chaos",
            notifyUrl: demo.notifyUrl,
          };
          const answer = await submit(client, order, giveUpAtMs);
          assert.ok(answer.status < 300, JSON.stringify(answer.body));
          accepted.push(String(answer.body["orderId"]));
          await sleep(100);
        }
      };
      const sending = Promise.all(Array.from({ length: inFlight }, sender));
      sending.catch(() => undefined);
      let died = 0;
      for (; died < kills && next < orders; died++) {
        // Each life gets its share of the orders, and is ended in the middle of some.
        const until = ((died + 1) * orders) / (kills + 1);
        while (next < until) await sleep(5);
        await system.kill();
        system = await start();
      }
      assert.equal(died, kills);
      await sending;

      const paymentsByOrder = new Set(accepted);
      assert.equal(paymentsByOrder.size, orders);
      const settledBy = Date.now() + 90_000;
      const channelOrderIds: string[] = [];
      for (const orderId of accepted) {
        for (;;) {
          const { body } = await client.get(`/v1/orders/${orderId}`);
          if (body["status"] === "paid") {
            channelOrderIds.push(String(body["channelOrderId"]));
            break;
          }
          assert.ok(Date.now() < settledBy, `order ${orderId} is ${JSON.stringify(body)}`);
          await sleep(200);
        }
      }
      const charges = (await (await fetch(`${demo.simulator ?? ""}/__sim/charges`)).json()) as {
        readonly channelOrderId: string;
      }[];
      assert.deepEqual(charges.map(({ channelOrderId }) => channelOrderId).sort(), channelOrderIds.sort());
      const told = async (): Promise<ReadonlySet<string>> => {
        const answer = await fetch(`${demo.merchant ?? ""}/notifications`);
        const { deliveries } = (await answer.json()) as { deliveries: { data: { orderId: string } }[] };
        return new Set(deliveries.map(({ data }) => data.orderId));
      };
      while ((await told()).size < orders) {
        assert.ok(Date.now() < settledBy, "a merchant was not told");
        await sleep(200);
      }
    } finally {
      await system.stop();
      rmSync(dataDir, { recursive: true, force: true });
    }
  });
});
