import assert from "node:assert/strict";
import { memoryProduct } from "../../adapters/compose/memory-product.js";
import { surplusRefund } from "../../atoms/surplus.js";
import type { Row } from "../../engine/ports/store.js";
import { releaseRun } from "../../engine/runtime/release.js";
import { probe } from "../support/memory/probe.js";
import { notifyUrl, paidWorld, sumsOf, told } from "../support/memory/refunds.js";
import { World, type WorldOptions } from "../support/memory/world.js";

describe("surplus: a payment too many", () => {
  /** Publishes what the engine's own late success would. */
  const tell = probe(
    "tell",
    (_input, { nowMs }) => ({
      outcome: "ok",
      events: [{ topic: "payment.surplus", fields: surplus(nowMs) }],
    }),
    { effect: "store" },
  );
  let surplusOf: Row = {};
  const surplus = (nowMs: number): Row => ({ ...surplusOf, eventType: "payment.surplus", eventAt: nowMs });
  const files = [
    ...memoryProduct().files.filter(({ path }) => path !== "types.json"),
    ...Object.entries({
      "types.json": {
        ...{ pay: { flow: "pay", title: "Pay" }, refund: { flow: "refund", title: "Refund" } },
        tell: { flow: "tell", title: "Tell" },
      },
      "tell.flow.json": {
        ...{ flow: "tell", input: [], start: "tell" },
        stages: { tell: { transaction: "tell.surplus", queue: "flow.tell", on: { ok: "end:told" } } },
      },
      "transactions/tell.surplus.json": { transaction: "tell.surplus", steps: [{ atom: "test.tell" }] },
    }).map(([path, value]) => ({ path, text: JSON.stringify(value) })),
  ];

  /** The order was paid twice: by another payment first, by its own one too late. */
  async function twicePaid(options: WorldOptions = {}): Promise<World> {
    const world = await paidWorld({ ...options, files, atoms: [tell.atom] });
    const [payment] = world.payments();
    const { orderId, merchantId, merchantOrderId, type, amount, currency } = world.order() ?? {};
    await world.database.write([
      {
        writes: [
          {
            ...{ kind: "transition", table: "orders", key: { orderId }, from: ["paid"], to: "paid" },
            set: { paidBy: world.random.id() },
          },
        ],
        publish: [],
      },
    ]);
    surplusOf = {
      ...{ merchantId, orderId, merchantOrderId, type, amount, currency },
      ...{ paymentId: payment?.["paymentId"], channel: payment?.["channel"] },
      merchantRefundId: surplusRefund(String(payment?.["paymentId"])),
    };
    return world;
  }
  const refundRuns = (world: World): readonly string[] =>
    world.database
      .rows("runs")
      .filter(({ flow }) => flow === "refund")
      .map(({ runId }) => world.stateOf(String(runId)));

  it("goes back in full by itself; the order stays paid, its merchant has nothing to book", async () => {
    const world = await twicePaid();
    world.submit({}, "tell");
    await world.drain();
    const { executed } = world.channels.alpha.refunds;
    assert.deepEqual(
      executed.map(({ paymentId, amountMinor }) => [paymentId, amountMinor]),
      [[surplusOf["paymentId"], 1000]],
    );
    assert.deepEqual([world.order()?.["status"], ...sumsOf(world)], ["paid", 1000, 1000, 0]);
    assert.deepEqual(refundRuns(world), ["ended refunded"]);
    assert.deepEqual(told(world), []);
    const entered = world.database.rows("accountingFeed").map(({ event, amount }) => [event, amount]);
    assert.deepEqual(entered, [
      ["order.paid", 1000],
      ["payment.surplus", 1000],
      ["refund.refunded", 1000],
    ]);
  });

  it("declined by the institution it stays reserved, and stands before a person", async () => {
    const world = await twicePaid({ alpha: { refund: ["declined"] } });
    world.submit({}, "tell");
    await world.drain();
    assert.deepEqual(refundRuns(world), ["parked surplus-refund-declined"]);
    assert.deepEqual(sumsOf(world), [1000, 0, 0]);
    assert.deepEqual(told(world), []);
  });

  describe("given back by hand after its channel had declined it", () => {
    /** A person lets the parked run go on, saying by which transfer. */
    async function releaseByHand(world: World, decided: Row): Promise<void> {
      const run = world.database.rows("runs").find(({ state }) => state === "parked");
      assert.ok(run);
      const plan = await world.host.catalogue.plan(String(run["planHash"]));
      assert.ok(plan);
      const by = { author: "ann", reason: "transferred by the bank desk" };
      const auditId = world.random.id();
      const { unit } = releaseRun({
        run,
        plan,
        stage: undefined,
        decided,
        ...by,
        auditId,
        nowMs: world.clock.nowMs(),
      });
      await world.database.write([unit]);
      await world.drain();
    }
    const parkedWorld = async (): Promise<World> => {
      const world = await twicePaid({ alpha: { refund: ["declined"] } });
      world.submit({}, "tell");
      await world.drain();
      return world;
    };

    it("is counted and booked as such, its reference the proof, and told to no merchant", async () => {
      const world = await parkedWorld();
      await releaseByHand(world, { handReference: "T-77" });
      assert.deepEqual(refundRuns(world), ["ended paid-by-hand"]);
      const [refunded] = world.database.rows("refunds");
      const evidence = refunded?.["evidence"] as Row;
      assert.deepEqual(
        [refunded?.["status"], evidence["by"], evidence["code"]],
        ["byHand", "operator", "T-77"],
      );
      assert.deepEqual(sumsOf(world), [1000, 1000, 0]);
      assert.deepEqual(world.channels.alpha.refunds.executed, []);
      assert.deepEqual(told(world), []);
      const booked = world.database
        .rows("accountingFeed")
        .map(({ event, channelRefundId }) => [event, channelRefundId]);
      assert.deepEqual(booked, [
        ["order.paid", null],
        ["payment.surplus", null],
        ["refund.byHand", null],
      ]);
    });

    it("without the reference stands before the person again", async () => {
      const world = await parkedWorld();
      await releaseByHand(world, {});
      assert.deepEqual(refundRuns(world), ["parked surplus-refund-declined"]);
      assert.deepEqual(sumsOf(world), [1000, 0, 0]);
    });
  });

  it("money that comes for a closed order goes back by itself, from the institution's call on", async () => {
    const world = await World.create({ alpha: { charge: ["action"] } });
    world.submit({ notifyUrl });
    await world.settle();
    world.submit({}, "close");
    await world.drain();
    const paymentId = String(world.payments()[0]?.["paymentId"]);
    world.channels.alpha.chargesAnyway(paymentId);
    world.callback(paymentId);
    world.callback(paymentId);
    await world.drain();
    assert.deepEqual(
      world.channels.alpha.refunds.executed.map((executed) => [executed.paymentId, executed.amountMinor]),
      [[paymentId, 1000]],
    );
    assert.deepEqual([world.order()?.["status"], ...sumsOf(world)], ["closed", 1000, 1000, 0]);
    assert.deepEqual(
      told(world).map(({ type }) => type),
      ["order.closed"],
    );
    const entered = world.database
      .rows("accountingFeed")
      .map(({ event, channelOrderId }) => [event, channelOrderId]);
    const number = world.payments()[0]?.["channelOrderId"];
    assert.deepEqual(entered, [
      ["payment.surplus", number],
      ["refund.refunded", number],
    ]);
    assert.deepEqual(world.deadLetters(), []);
  });

  it("told of twice goes back once", async () => {
    const world = await twicePaid();
    world.submit({}, "tell");
    world.submit({}, "tell");
    await world.drain();
    assert.deepEqual([...refundRuns(world)].sort(), ["ended refunded", "ended repeated"]);
    assert.equal(world.channels.alpha.refunds.executed.length, 1);
    assert.equal(world.database.rows("accountingFeed").length, 3);
  });

  it("that cannot go back is put before a person, not forgotten", async () => {
    const world = await twicePaid();
    surplusOf = { ...surplusOf, amount: 1001 };
    world.submit({}, "tell");
    await world.drain();
    assert.match(refundRuns(world).join(), /^parked dead-letter/);
  });
});
