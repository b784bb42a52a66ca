/**
 * The main job, from outside: a signed order comes back paid and its merchant hears of it exactly once, whatever the
 * system runs on and however it is divided into processes.
 */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { type BusKind, busKinds, busKindsNow, verifying } from "../support/buses.js";
import { Client, type Credentials } from "../support/client.js";
import { Cluster } from "../support/cluster.js";
import { freshDatabase, onServer } from "../support/postgres.js";
import { startUp } from "../support/system.js";

interface Site {
  readonly bridge: string;
  readonly credentials: Credentials;
  readonly merchant: string;
  readonly simulator: string;
  stop(): Promise<void>;
}

async function everythingInOne(embedded: boolean, bus: BusKind): Promise<Site> {
  const database = embedded ? undefined : await freshDatabase();
  const dataDir = mkdtempSync(path.join(tmpdir(), "valence-main-"));
  const up = await startUp({
    dataDir,
    env: bus.settings(),
    ...(database ? { databaseUrl: database.url } : {}),
  });
  return {
    bridge: up.demo.bridge,
    credentials: up.demo,
    merchant: up.demo.merchant ?? "",
    simulator: up.demo.simulator ?? "",
    stop: async () => {
      await up.stop();
      rmSync(dataDir, { recursive: true, force: true });
      await database?.drop();
    },
  };
}

async function fourProcesses(bus: BusKind): Promise<Site> {
  const database = await freshDatabase();
  const cluster = await Cluster.start(
    database.url,
    [["flow", "scheduler"], ["channel:simulator"], ["notify", "feed"], ["bridge"]],
    new Map(),
    bus.settings(),
  );
  return {
    bridge: cluster.bridge,
    credentials: cluster.credentials,
    merchant: cluster.merchant,
    simulator: cluster.simulator,
    stop: async () => {
      await cluster.stop();
      await database.drop();
    },
  };
}

const [onPostgres, onRabbitmq, onNats] = busKinds as readonly [BusKind, BusKind, BusKind];
const oneProcess = (bus: BusKind) =>
  [`one process, messages on ${bus.name}`, () => everythingInOne(false, bus)] as const;
const separate = (bus: BusKind) =>
  [`four processes, messages on ${bus.name}`, () => fourProcesses(bus)] as const;

const sites: readonly (readonly [string, () => Promise<Site>])[] = [
  ["one process on the embedded database", () => everythingInOne(true, onPostgres)],
  separate(onPostgres),
  oneProcess(onRabbitmq),
  separate(onNats),
  ...(verifying ? [oneProcess(onPostgres), separate(onRabbitmq), oneProcess(onNats)] : []),
];

// method, status of the first answer, state of the order in it
const payments: readonly (readonly [string | undefined, number, string])[] = [
  [undefined, 201, "paid"],
  ["card", 201, "paid"],
  ["qr", 201, "requires_action"],
];

for (const [name, start] of sites) {
  describe(`main job: ${name}`, function () {
    this.timeout(120_000);
    let site: Site;
    let client: Client;
    before(async () => {
      site = await start();
      client = new Client(site.bridge, site.credentials);
    });
    after(() => (site as Site | undefined)?.stop());

    const orderOf = async (orderId: unknown, until: string): Promise<Readonly<Record<string, unknown>>> => {
      for (;;) {
        const { body } = await client.get(`/v1/orders/${String(orderId)}`);
        if (body["status"] === until) return body;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    };

    const notifications = async (
      orderId: unknown,
    ): Promise<readonly { readonly type: string; readonly data: object }[]> => {
      const answer = await fetch(`${site.merchant}/notifications?orderId=${String(orderId)}`);
      return ((await answer.json()) as { readonly deliveries: never }).deliveries;
    };

    for (const [method, status, state] of payments) {
      it(`method ${method ?? "left to the route"}: ${state} at once, paid in the end, one notification, one charge`, async () => {
        const order = {
          merchantOrderId: `main-${method ?? "none"}`,
          amount: 1050,
          currency: "CNY",
          subject: "Two coffees",
          notifyUrl: `${site.merchant}/notify`,
          ...(method === undefined ? {} : { method }),
        };
        const first = await client.post("/v1/orders", order);
        assert.deepEqual([first.status, first.body["status"]], [status, state], JSON.stringify(first.body));
        const { orderId } = first.body;
        const paid = await orderOf(orderId, "paid");
        assert.equal(paid["amount"], 1050);
        while ((await notifications(orderId)).length === 0)
          await new Promise((resolve) => setTimeout(resolve, 100));

        const again = await client.post("/v1/orders", order);
        assert.deepEqual([again.status, again.body["status"], again.body["orderId"]], [200, "paid", orderId]);
        const other = await client.post("/v1/orders", { ...order, amount: 1051 });
        assert.deepEqual([other.status, other.body["code"]], [409, "order_mismatch"]);

        const told = await notifications(orderId);
        assert.deepEqual(
          told.map(({ type }) => type),
          ["order.paid"],
        );
        const charges = (await (await fetch(`${site.simulator}/__sim/charges`)).json()) as {
          channelOrderId: string;
        }[];
        assert.equal(
          charges.filter(({ channelOrderId }) => channelOrderId === paid["channelOrderId"]).length,
          1,
        );
      });
    }

    it("a top-up reuses the flow by one line of configuration", async () => {
      const answer = await client.post("/v1/transactions/topup", {
        merchantOrderId: "topup-1",
        amount: 5000,
        currency: "CNY",
        subject: "Account 7",
      });
      assert.deepEqual([answer.status, answer.body["type"], answer.body["status"]], [201, "topup", "paid"]);
    });

    it("a declined payment fails, says why, and charges nothing", async () => {
      const fault = { kind: "decline", rate: 1, match: { amount: 777 } };
      await fetch(`${site.simulator}/__sim/faults`, { method: "POST", body: JSON.stringify(fault) });
      const order = { merchantOrderId: "declined", amount: 777, currency: "CNY", subject: "x" };
      const answer = await client.post("/v1/orders", order);
      assert.deepEqual([answer.status, answer.body["status"]], [201, "failed"]);
      assert.equal((answer.body["error"] as { code: string }).code, "channel_declined");
      await fetch(`${site.simulator}/__sim/faults`, { method: "DELETE" });
      const charges = (await (await fetch(`${site.simulator}/__sim/charges`)).json()) as { amount: number }[];
      assert.deepEqual(
        charges.filter(({ amount }) => amount === 777),
        [],
      );
    });
  });
}

for (const bus of busKindsNow) {
  describe(`the bridge's own database role, messages on ${bus.name}`, function () {
    this.timeout(120_000);
    it("a bridge that may only insert messages and nonces takes an order; it can change nothing else", async () => {
      const database = await freshDatabase();
      const role = `bridge_${process.pid}`;
      await onServer(database.url, (sql) =>
        sql.query(`create role ${role} login password 'pw' in role valence_bridge`),
      );
      const narrow = new URL(database.url);
      [narrow.username, narrow.password] = [role, "pw"];
      const cluster = await Cluster.start(
        database.url,
        [["flow", "scheduler", "channel:simulator", "notify", "feed"], ["bridge"]],
        new Map([["bridge", narrow.href]]),
        bus.settings(),
      );
      try {
        const answer = await new Client(cluster.bridge, cluster.credentials).post("/v1/orders", {
          merchantOrderId: "narrow",
          amount: 100,
          currency: "CNY",
          subject: "x",
        });
        assert.deepEqual([answer.status, answer.body["status"]], [201, "paid"]);
        for (const forbidden of [
          "update core.orders set status = 'paid'",
          "delete from bus.messages",
          "select body from bus.messages",
          "insert into core.journal select * from core.journal",
          "update config.merchants set status = 'active'",
        ]) {
          await onServer(narrow.href, (sql) =>
            assert.rejects(sql.query(forbidden), /permission denied/, forbidden),
          );
        }
      } finally {
        await cluster.stop();
        await onServer(database.url, (sql) => sql.query(`drop owned by ${role}; drop role ${role}`));
        await database.drop();
      }
    });
  });
}
