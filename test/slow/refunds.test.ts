/**
 * Refunds that race, in several processes on a real database and a real bus, and workers that are killed with a refund
 * in hand: never more goes back than was paid, nothing goes back twice, and database and institution agree about it.
 */
import assert from "node:assert/strict";
import { connect, type Database } from "../../adapters/store/postgres/database.js";
import { busKindsNow } from "../support/buses.js";
import { type Answer, Client } from "../support/client.js";
import { Cluster } from "../support/cluster.js";
import { freshDatabase, type TestDatabase } from "../support/postgres.js";

const workers = ["flow+channel:simulator", "channel:simulator+flow"];
/** Each dies with the first refund it gets in hand. */
const victims = [
  { name: "channel:simulator", dies: "intent-committed", where: "between reservation and call" },
  { name: "channel:simulator+notify", dies: "external-returned", where: "between call and record" },
];
const settleMsMax = 90_000;
const amount = 1000;

const until = async (what: string, fact: () => Promise<boolean> | boolean): Promise<void> => {
  const giveUpAtMs = Date.now() + settleMsMax;
  while (!(await fact())) {
    assert.ok(Date.now() < giveUpAtMs, `waited in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
};

for (const bus of busKindsNow) {
  describe(`refunds: several processes, messages on ${bus.name}`, function () {
    this.timeout(240_000);
    let fresh: TestDatabase;
    let cluster: Cluster;
    let database: Database;
    let client: Client;

    before(async () => {
      fresh = await freshDatabase();
      cluster = await Cluster.start(
        fresh.url,
        [
          ["bridge", "flow", "scheduler", "notify", "feed"],
          ...[...workers, ...victims.map(({ name }) => name)].map((name) => name.split("+")),
        ],
        new Map(),
        bus.settings(),
        undefined,
        (name) => {
          const victim = victims.find((each) => each.name === name);
          return victim ? { VALENCE_TEST_CRASH: victim.dies } : {};
        },
      );
      for (const { name } of victims) await cluster.end(name);
      database = connect({ url: fresh.url, embedded: false, applicationName: "test", connectionsMax: 1 });
      client = new Client(cluster.bridge, cluster.credentials);
    });
    after(async () => {
      await (database as Database | undefined)?.close();
      await (cluster as Cluster | undefined)?.stop();
      await (fresh as TestDatabase | undefined)?.drop();
    });

    const pay = async (merchantOrderId: string): Promise<string> => {
      const order = {
        merchantOrderId,
        amount,
        currency: "CNY",
        subject: "tea",
        notifyUrl: cluster.notifyUrl,
      };
      const { body } = await client.post("/v1/orders", order);
      assert.equal(body["status"], "paid", JSON.stringify(body));
      return String(body["orderId"]);
    };

    /** What the merchant learns in the end: he follows the 202, and repeats what was answered by a 5xx. */
    const refund = async (orderId: string, merchantRefundId: string, share: number): Promise<string> => {
      const ask = (): Promise<Answer> =>
        client.post(`/v1/orders/${orderId}/refunds`, { merchantRefundId, amount: share });
      let answer = await ask();
      let location = answer.location;
      const decided = ({ status, body }: Answer): boolean => status < 500 && body["status"] !== "processing";
      await until(`refund ${merchantRefundId} of ${orderId}`, async () => {
        if (!decided(answer)) answer = location === null ? await ask() : await client.get(location);
        location ??= answer.location;
        return decided(answer);
      });
      return String(answer.body["code"] ?? answer.body["status"]);
    };

    /** Reserved and refunded as the payment has it, refunded as the order, its refunds and the institution have it. */
    const sumsOf = async (orderId: string): Promise<readonly number[]> => {
      const [sums] = await database.pool.query<Record<"reserved" | "paid" | "order" | "rows", number>>(
        `select p.refund_reserved::int as reserved, p.refunded::int as paid, o.refunded::int as order,
           (select coalesce(sum(amount), 0) from core.refunds r
             where r.payment_id = p.payment_id and r.status = 'approved' and settled_at is not null)::int as rows
         from core.orders o join core.payments p on p.payment_id = o.paid_by where o.order_id = $1`,
        [orderId],
      );
      const [payment] = await database.pool.query<{ id: string }>(
        "select paid_by as id from core.orders where order_id = $1",
        [orderId],
      );
      const charges = (await (await fetch(`${cluster.simulator}/__sim/charges`)).json()) as {
        readonly paymentId: string;
        readonly refunded: number;
      }[];
      const charge = charges.find(({ paymentId }) => paymentId === payment?.id);
      return [sums?.reserved, sums?.paid, sums?.order, sums?.rows, charge?.refunded].map(Number);
    };

    for (const [share, wins, status] of [
      [600, 1, "partially_refunded"],
      [30, 33, "partially_refunded"],
    ] as const) {
      it(`50 at once of ${share} of ${amount}: ${wins} succeed, and nobody's books differ`, async () => {
        const orderId = await pay(`race-${share}`);
        const ends = await Promise.all(
          Array.from({ length: 50 }, (_, index) => refund(orderId, `race-${share}-${index}`, share)),
        );
        const count = (end: string): number => ends.filter((each) => each === end).length;
        const others = ends.filter((end) => end !== "refunded" && end !== "refund_exceeds_payment");
        assert.deepEqual([count("refunded"), count("refund_exceeds_payment"), others], [wins, 50 - wins, []]);
        assert.deepEqual(await sumsOf(orderId), Array(5).fill(share * wins));
        const { body } = await client.get(`/v1/orders/${orderId}`);
        assert.deepEqual([body["status"], body["refundedAmount"]], [status, share * wins]);
      });
    }

    it(`kill -9 ${victims.map(({ where }) => where).join(", and ")}: refunded once`, async () => {
      const orders = await Promise.all(victims.map(({ name }) => pay(`killed-${name.length}`)));
      for (const name of workers) await cluster.end(name);
      const ends: Promise<string>[] = [];
      for (const [index, { name }] of victims.entries()) {
        await cluster.up(name);
        ends.push(refund(String(orders[index]), `killed-${index}`, 400));
        await until(`the death of ${name}`, () => !cluster.lives(name));
      }
      for (const name of workers) await cluster.up(name);
      assert.deepEqual(
        await Promise.all(ends),
        victims.map(() => "refunded"),
      );
      for (const orderId of orders) assert.deepEqual(await sumsOf(orderId), Array(5).fill(400));
    });

    it("merchants were told of every refund, accounting has entered it, and no run needs a person", async () => {
      const refunded = await database.pool.query<{ id: string }>(
        "select refund_id as id from core.refunds where status = 'approved' order by 1",
      );
      const executed = refunded.map(({ id }) => id);
      const entered = (): Promise<readonly { id: string }[]> =>
        database.pool.query<{ id: string }>(
          "select refund_id as id from core.accounting_feed where refund_id is not null order by 1",
        );
      const told = async (): Promise<readonly string[]> => [
        ...new Set(
          (await cluster.deliveries())
            .filter(({ type }) => type === "refund.refunded")
            .map(({ data }) => (data as unknown as { refundId: string }).refundId),
        ),
      ];
      await until(
        "the subscribers",
        async () => (await entered()).length >= 36 && (await told()).length >= 36,
      );
      assert.equal(executed.length, 36);
      assert.deepEqual(
        (await entered()).map(({ id }) => id),
        executed,
      );
      assert.deepEqual([...(await told())].sort(), executed);
      const parked = await database.pool.query("select reason from core.runs where state = 'parked'");
      assert.deepEqual(parked, []);
    });
  });
}
