/**
 * Channels are closed, redirected, drained, stopped and killed under load, with every module in a process of its own.
 * Whatever happens to a channel: no new order chooses it a second later, what is queued there and unsent goes where it
 * may, and every order is paid once.
 */
import assert from "node:assert/strict";
import { rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { ChannelView } from "../../adapters/http/admin/route-services.js";
import { busKindsNow, verifying, whenVerifying } from "../support/buses.js";
import { cli } from "../support/cli.js";
import { Client, submit } from "../support/client.js";
import { Cluster } from "../support/cluster.js";
import { freePort } from "../support/ports.js";
import { freshDatabase, onServer, type TestDatabase } from "../support/postgres.js";
import { simulatedChannels } from "../support/simulated-channels.js";
import { adminToken } from "../support/system.js";

/** Alpha is preferred and slow, so that orders queue up there. */
const rules = [
  {
    name: "all",
    channels: [
      { channel: "alpha", weight: 9 },
      { channel: "beta", weight: 1 },
    ],
  },
];
const channels = { alpha: { concurrencyMax: 2 }, beta: { concurrencyMax: 32 } } as const;
const chargeMs = 300;
const effectMs = 1_000;
const senders = 16;

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

interface Payment {
  readonly orderId: string;
  readonly channel: string;
  readonly status: string;
  readonly attempt: number;
  readonly createdAtMs: number;
  readonly evidenceBy: string | null;
}

for (const bus of busKindsNow)
  describe(`channels switched under load, messages on ${bus.name}`, function () {
    this.timeout(180_000);
    let database: TestDatabase;
    let cluster: Cluster;
    let channelsDir: string;
    let client: Client;
    let env: Readonly<Record<string, string>>;
    let round = 0;

    before(async () => {
      database = await freshDatabase();
      channelsDir = simulatedChannels(channels);
      const adminPort = await freePort();
      env = { VALENCE_ADMIN_URL: `http://127.0.0.1:${adminPort}`, VALENCE_ADMIN_TOKEN: adminToken };
      cluster = await Cluster.start(
        database.url,
        [["bridge"], ["flow", "scheduler", "notify", "feed", "admin"], ["channel:alpha"], ["channel:beta"]],
        new Map(),
        {
          VALENCE_CHANNELS_DIR: channelsDir,
          VALENCE_ADMIN_PORT: String(adminPort),
          VALENCE_ADMIN_TOKEN: adminToken,
          VALENCE_BRIDGE_REPLY_WAIT_MS: "500",
          ...bus.settings(),
        },
      );
      client = new Client(cluster.bridge, cluster.credentials);
      const slow = { kind: "slow", rate: 1, delayMs: chargeMs, match: { operation: "pay" } };
      const set = await fetch(`${cluster.simulator}/__sim/faults`, {
        method: "POST",
        body: JSON.stringify(slow),
      });
      assert.ok(set.ok, await set.text());
      const file = path.join(channelsDir, "routes.json");
      writeFileSync(file, JSON.stringify(rules));
      await route("apply", file, "--reason", "test");
    });
    after(async () => {
      await cluster?.stop();
      await database?.drop();
      rmSync(channelsDir, { recursive: true, force: true });
    });
    beforeEach(() => void round++);

    async function route(...args: readonly string[]): Promise<string> {
      const { code, stdout, stderr } = await cli(["route", ...args], env);
      assert.equal(code, 0, stderr);
      return stdout;
    }
    const channel = async (name: string): Promise<ChannelView> => {
      const all = JSON.parse(await route("list", "--json")) as readonly ChannelView[];
      return all.find((each) => each.channel === name)!;
    };

    /** Accepted at once, decided later; `count` of this test, a few at a time. */
    async function order(from: number, count: number): Promise<void> {
      let next = from;
      const sender = async (): Promise<void> => {
        while (next < from + count) {
          const body = {
            merchantOrderId: `R${round}-${next++}`,
            amount: 100,
            currency: "CNY",
            subject: "routes",
          };
          const answer = await submit(client, body, Date.now() + 30_000);
          assert.ok(answer.status < 300, JSON.stringify(answer.body));
        }
      };
      await Promise.all(Array.from({ length: senders }, sender));
    }

    const query = <Row>(text: string, values: readonly unknown[]): Promise<readonly Row[]> =>
      onServer(database.url, async (sql) => (await sql.query(text, [...values])).rows as Row[]);
    /** Attempts of this test's orders. */
    const payments = (): Promise<readonly Payment[]> =>
      query(
        `select p.order_id as "orderId", p.channel, p.status, p.attempt, p.evidence ->> 'by' as "evidenceBy",
         (extract(epoch from p.created_at) * 1000)::float8 as "createdAtMs"
       from core.payments p join core.orders o using (order_id) where o.merchant_order_id like $1`,
        [`R${round}-%`],
      );
    const unpaid = async (): Promise<number> => {
      const [row] = await query<{ count: number }>(
        "select count(*)::int as count from core.orders where merchant_order_id like $1 and status <> 'paid'",
        [`R${round}-%`],
      );
      return row?.count ?? 0;
    };

    /** Every order of this test is paid, by one charge of the attempt that says so. */
    async function assertPaidOnce(count: number): Promise<void> {
      const giveUpAtMs = Date.now() + 60_000;
      while ((await unpaid()) > 0 && Date.now() < giveUpAtMs) await sleep(200);
      const rows = await query<{ status: string; paidBy: string }>(
        `select status, paid_by as "paidBy" from core.orders where merchant_order_id like $1`,
        [`R${round}-%`],
      );
      assert.deepEqual([rows.length, rows.filter(({ status }) => status !== "paid")], [count, []]);
      const paid = new Set(rows.map(({ paidBy }) => paidBy));
      const all = await query<{ paymentId: string }>(
        `select p.payment_id as "paymentId" from core.payments p join core.orders o using (order_id)
       where o.merchant_order_id like $1`,
        [`R${round}-%`],
      );
      const ours = new Set(all.map(({ paymentId }) => paymentId));
      const charges = (await cluster.charges())
        .map(({ paymentId }) => paymentId)
        .filter((id) => ours.has(id));
      assert.deepEqual(charges.sort(), [...paid].sort(), "one charge per order, and no other");
    }

    /** Nothing that was decided later than a second after `sinceMs` went to the channel. */
    async function assertNotChosenSince(name: string, sinceMs: number): Promise<void> {
      const since = (await payments()).filter(({ createdAtMs }) => createdAtMs > sinceMs + effectMs);
      assert.ok(since.length > 0, "orders came after the change");
      assert.deepEqual(
        since.filter((payment) => payment.channel === name),
        [],
      );
    }

    /**
     * Orders before `act`, some more for a few seconds after it, four every `paceMs`; resolves with when it took
     * effect.
     */
    async function underLoad(
      act: () => Promise<unknown>,
      paceMs = 500,
    ): Promise<{ actedAtMs: number; count: number }> {
      await order(0, 60);
      assert.ok((await channel("alpha")).charges.ready > 10, "orders wait at alpha");
      const acting = act().then(() => Date.now());
      let count = 60;
      const sending: Promise<void>[] = [];
      const untilMs = Date.now() + 3_500;
      while (Date.now() < untilMs) {
        sending.push(order(count, 4));
        count += 4;
        await sleep(paceMs);
      }
      await Promise.all(sending);
      return { actedAtMs: await acting, count };
    }
    /** Printed, not asserted: when alpha was chosen for the last time, and how exactly that is known. */
    async function tellLastChoice(closedAtMs: number): Promise<void> {
      const chosen = (await payments()).filter(({ attempt }) => attempt === 1);
      const after = (name: string): readonly number[] =>
        chosen.filter((each) => each.channel === name).map(({ createdAtMs }) => createdAtMs - closedAtMs);
      const lastMs = Math.max(...after("alpha"));
      const nextMs = Math.min(...after("beta").filter((ms) => ms > lastMs));
      console.log(
        `      chosen last ${lastMs.toFixed(0)} ms after its switch; next order ${nextMs.toFixed(0)} ms`,
      );
    }
    const changedAtMs = async (name: string): Promise<number> => (await channel(name)).changedAtMs ?? 0;

    whenVerifying(
      "closed, reroute: no new order after a second, the queued ones are paid elsewhere",
      async () => {
        const { count } = await underLoad(() => route("close", "alpha", "--waiting", "reroute"), 100);
        const closedAtMs = await changedAtMs("alpha");
        await assertNotChosenSince("alpha", closedAtMs);
        await tellLastChoice(closedAtMs);
        await assertPaidOnce(count);
        const moved = (await payments()).filter(({ status }) => status === "notSent");
        assert.ok(moved.length > 0, "some had to go elsewhere");
        for (const payment of moved)
          assert.deepEqual([payment.channel, payment.evidenceBy], ["alpha", "switch"]);
        assert.equal((await channel("alpha")).charges.ready, 0);
        await route("open", "alpha");
      },
    );

    whenVerifying(
      "closed, stay: the queued ones wait where they are; reopening finishes them there",
      async () => {
        const { count } = await underLoad(() => route("close", "alpha", "--waiting", "stay"));
        await assertNotChosenSince("alpha", await changedAtMs("alpha"));
        while ((await payments()).some((each) => each.channel === "beta" && each.status === "sending"))
          await sleep(200);
        const waiting = (await channel("alpha")).charges;
        assert.ok(waiting.ready > 0, "some wait");
        await sleep(3_000);
        assert.deepEqual((await channel("alpha")).charges, waiting, "nobody touches them");
        assert.ok((await unpaid()) > 0);
        await route("open", "alpha", "--waiting", "reroute");
        await assertPaidOnce(count);
        assert.ok((await payments()).every(({ attempt }) => attempt === 1));
      },
    );

    if (verifying)
      it("redirected: new and queued orders go to the other channel, under the same number", async () => {
        const { count } = await underLoad(() => route("redirect", "alpha", "beta"));
        await assertNotChosenSince("alpha", await changedAtMs("alpha"));
        await assertPaidOnce(count);
        assert.ok((await payments()).every(({ attempt, status }) => attempt === 1 && status === "approved"));
        await route("open", "alpha");
      });

    if (verifying)
      it("drained: what it has is paid there, then drain reports zero and closes it", async () => {
        const { count } = await underLoad(() => route("drain", "alpha", "--close"));
        const { charges, switch: position } = await channel("alpha");
        assert.deepEqual([position, charges], ["closed", { ready: 0, delayed: 0, inWork: 0 }]);
        await assertPaidOnce(count);
        assert.ok((await payments()).every(({ attempt }) => attempt === 1));
        await route("open", "alpha");
      });

    if (verifying)
      it("stopped in order: it hands over what it has not begun and disappears", async () => {
        const { actedAtMs, count } = await underLoad(() => cluster.end("channel:alpha"));
        await assertNotChosenSince("alpha", actedAtMs);
        await assertPaidOnce(count);
        assert.equal((await channel("alpha")).presence, "gone");
        await cluster.up("channel:alpha");
        assert.equal((await channel("alpha")).presence, "live");
      });

    it("killed: it is routed around within seconds; what it had begun is asked about when it is back", async () => {
      const { actedAtMs, count } = await underLoad(() => cluster.kill("channel:alpha"));
      await sleep(Math.max(0, actedAtMs + 8_000 - Date.now()));
      await order(count, 8);
      const late = (await payments()).filter(({ createdAtMs }) => createdAtMs > actedAtMs + 6_500);
      assert.ok(late.length > 0);
      assert.deepEqual(
        late.filter((payment) => payment.channel === "alpha"),
        [],
      );
      const giveUpAtMs = Date.now() + 60_000;
      while ((await unpaid()) > channels.alpha.concurrencyMax && Date.now() < giveUpAtMs) await sleep(300);
      assert.ok((await unpaid()) <= channels.alpha.concurrencyMax, "only what it had begun may wait for it");
      await cluster.up("channel:alpha");
      await assertPaidOnce(count + 8);
    });
  });
