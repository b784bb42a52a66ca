import assert from "node:assert/strict";
import { BatchError, type Unit } from "../../engine/ports/store.js";
import { World } from "../support/memory/world.js";

const notifyUrl = "https://merchant.example/n";
const entries = (world: World): readonly Readonly<Record<string, unknown>>[] =>
  world.database.rows("accountingFeed");
const runsOf = (world: World, flow: string): readonly string[] =>
  world.database
    .rows("runs")
    .filter((run) => run["flow"] === flow)
    .map(({ runId }) => world.stateOf(String(runId)));

/** Accounting's table, and nothing else, takes no rows until the result is called. */
function refuseEntries(world: World): () => void {
  world.database.beforeWrite = (units) => {
    const writes = units.flatMap((unit) => unit.writes);
    if (writes.some(({ table }) => table === "accountingFeed"))
      throw new BatchError("data", "no entries now");
  };
  return () => void (world.database.beforeWrite = () => undefined);
}

describe("accounting: a decided order", () => {
  it("that is paid is told to its merchant once and entered once", async () => {
    const world = await World.create();
    world.submit({ notifyUrl }, "topup");
    await world.drain();
    assert.equal(world.webhooks.sent.length, 1);
    const [entry] = entries(world);
    assert.equal(entries(world).length, 1);
    const [order, payment] = [world.order(), world.payments()[0]];
    const { event, paymentId, orderId, merchantOrderId, business, channelOrderId, amount, currency } =
      entry ?? {};
    assert.deepEqual(
      { event, paymentId, orderId, merchantOrderId, business, channelOrderId, amount, currency },
      {
        ...{ event: "order.paid", paymentId: order?.["paidBy"], orderId: order?.["orderId"] },
        ...{ merchantOrderId: "A-1", business: "topup", channelOrderId: payment?.["channelOrderId"] },
        ...{ amount: 1000, currency: "CNY" },
      },
    );
    const { timestamp } = JSON.parse(world.webhooks.sent[0]?.body ?? "{}") as { timestamp: string };
    assert.equal(entry?.["paidAt"], Date.parse(timestamp), "the merchant was told the same time");
    assert.deepEqual(runsOf(world, "accounting"), ["ended entered"]);
  });

  it("that failed is told to its merchant and not entered", async () => {
    const world = await World.create({ alpha: { charge: ["declined"] } });
    world.submit({ notifyUrl });
    await world.drain();
    assert.equal(world.webhooks.sent.length, 1);
    assert.deepEqual([entries(world), runsOf(world, "accounting")], [[], []]);
  });

  it("nobody wants to hear of is entered all the same", async () => {
    const world = await World.create();
    world.submit();
    await world.drain();
    assert.deepEqual([world.webhooks.sent.length, entries(world).length], [0, 1]);
  });

  it("delivered a second time adds nothing, also when another run tells of it", async () => {
    const world = await World.create({ apart: true });
    world.submit();
    await world.drain();
    const before = entries(world);
    const message = [...world.seen.values()].find(({ queue }) => queue === "feed.accounting");
    assert.ok(message);
    world.publish(message);
    await world.drain();
    assert.deepEqual(entries(world), before);
    const runId = world.random.id();
    world.publish({ ...message, messageId: world.random.id(), body: { ...message.body, runId } });
    await world.drain();
    assert.deepEqual(runsOf(world, "accounting"), ["ended entered", "ended entered"]);
    assert.deepEqual(entries(world), before, "the first entry stands as it was written");
  });

  it("is entered in the commit that decides it, by a process that serves both queues", async () => {
    const world = await World.create();
    const units: Unit[] = [];
    world.database.onCommit = (unit) => void units.push(unit);
    world.submit();
    await world.drain();
    const deciding = units.filter(({ journal = [] }) => journal.some(({ stage }) => stage === "settle"));
    assert.deepEqual(
      deciding.map(({ writes }) => writes.some(({ table }) => table === "accountingFeed")),
      [true],
    );
    assert.ok(![...world.seen.values()].some(({ queue }) => queue === "feed.accounting"), "no message");
  });

  it("whose entry is refused is buried for accounting alone; mended and replayed it is entered", async () => {
    const world = await World.create();
    const mend = refuseEntries(world);
    world.submit({ notifyUrl });
    await world.drain();
    assert.equal(world.order()?.["status"], "paid");
    assert.deepEqual(runsOf(world, "notify"), ["ended delivered"]);
    assert.deepEqual(
      world.deadLetters().map(({ queue }) => queue),
      ["feed.accounting"],
    );
    assert.match(runsOf(world, "accounting").join(), /^parked dead-letter/);
    assert.deepEqual(entries(world), []);

    mend();
    assert.equal(await world.host.bus.replay("feed.accounting"), 1);
    await world.drain();
    assert.deepEqual(runsOf(world, "accounting"), ["ended entered"]);
    assert.deepEqual([entries(world).length, world.webhooks.sent.length], [1, 1]);
    assert.deepEqual(world.deadLetters(), []);
  });
});
