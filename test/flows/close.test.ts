import assert from "node:assert/strict";
import { deriveId } from "../../engine/ids.js";
import type { Row } from "../../engine/ports/store.js";
import { memoryProduct } from "../../adapters/compose/memory-product.js";
import type { ChargeScript, ChannelScript } from "../../adapters/memory/channel.js";
import { table } from "../support/memory/table.js";
import { World, type WorldOptions } from "../support/memory/world.js";

/**
 * An order is submitted; a second later its merchant closes it. `close`: what the channel says to the close, one after
 * another (`truth`: what its ledger says). `closer`: how the closing run ends; `caller`: what its caller is told
 * (nothing once it has waited). `payer`: how the paying run ends.
 */
const rows = `
# charge   close          closer         caller      order   payment   payer         charged  told
action     truth          ended closed   closed      closed  closed    ended closed  -        order.closed
pending    truth          ended closed   closed      closed  closed    ended closed  -        order.closed
pending    unknown>truth  ended closed   -           closed  closed    ended closed  -        order.closed
pending    notSent>truth  ended closed   -           closed  closed    ended closed  -        order.closed
lost       truth          ended closed   -           closed  closed    -             -        order.closed
silence    truth          ended paid     order_paid  paid    approved  ended paid    alpha    order.paid
approved   -              ended refused  order_paid  paid    approved  ended paid    alpha    order.paid
declined   -              ended closed   closed      closed  declined  ended failed  -        order.failed,order.closed
`;

const orderId = deriveId("order", "m1", "A-1");
const notifyUrl = "https://merchant.example/n";

const closing = (world: World): string => world.submit({ orderId, merchantOrderId: undefined }, "close");

const toldOf = (world: World): string =>
  world.webhooks.sent.map(({ body }) => (JSON.parse(body) as { type: string }).type).join();

function callerOf(world: World, runId: string): string {
  const reply = world.replies.find(({ correlationId }) => correlationId === runId);
  return String(reply?.problem?.code ?? reply?.fields["orderStatus"] ?? "");
}

const chargedAt = ({ channels: { alpha, beta } }: World): string =>
  [...alpha.charged.map(() => "alpha"), ...beta.charged.map(() => "beta")].join(" ");

async function submitted(alpha: ChannelScript, options: WorldOptions = {}): Promise<[World, string]> {
  const world = await World.create({ ...options, alpha });
  const runId = world.submit({ notifyUrl });
  await world.advance(100);
  return [world, runId];
}

describe("close", () => {
  for (const row of table(rows)) {
    const [charge = "", close = "", closer, caller, order, payment, payer, charged, told] = row;
    it(`charge ${charge}, close ${close || "not asked"}: ${closer}, order ${order}, payment ${payment}`, async () => {
      // A payment that is pending stays so, as long as nobody closes it.
      const inquire = charge === "lost" ? ["unknown" as const] : ["truth" as const];
      const [world, runId] = await submitted({
        ...{ charge: [charge as ChargeScript], inquire },
        ...(close ? { close: close.split(">") as NonNullable<ChannelScript["close"]> } : {}),
      });
      // The step of a silent channel has to end before anything else can be said about it.
      await world.advance(1_000);
      const closerId = closing(world);
      await world.drain();
      assert.equal(world.stateOf(closerId), closer);
      assert.equal(callerOf(world, closerId), caller);
      assert.deepEqual([world.order()?.["status"], world.payments()[0]?.["status"]], [order, payment]);
      if (payer) assert.equal(world.stateOf(runId), payer);
      assert.deepEqual([chargedAt(world), toldOf(world)], [charged, told]);
      assert.deepEqual(world.deadLetters(), []);
    });
  }

  it("before anything was sent: closed at once, the channel hears nothing, and the charge in its queue is void", async () => {
    const world = await World.create({ apart: true });
    const { reference } = world;
    const open = reference.facts;
    const shut = open.map((facts) => ({ ...facts, switch: "closed" as const, waiting: "stay" as const }));
    reference.channels = async () => (world.order() === undefined ? open : shut);
    const runId = world.submit({ notifyUrl });
    await world.advance(10_000);
    assert.equal(world.payments()[0]?.["status"], "created");
    const closerId = closing(world);
    await world.advance(1_000);
    assert.deepEqual([world.stateOf(closerId), callerOf(world, closerId)], ["ended closed", "closed"]);
    reference.channels = async () => open;
    await world.drain();
    assert.equal(world.stateOf(runId), "ended decided");
    assert.deepEqual(world.channels.alpha.calls, []);
    assert.deepEqual([world.payments()[0]?.["status"], toldOf(world)], ["closed", "order.closed"]);
  });

  it("never seen by the channel: closed only when nothing can be on its way there any more", async () => {
    const [world] = await submitted({ charge: ["lost"], inquire: ["unknown"] });
    const closerId = closing(world);
    await world.drain();
    assert.equal(world.stateOf(closerId), "ended closed");
    const { sentAt, evidence } = world.payments()[0] as Row;
    const { at, ...rest } = evidence as { readonly at: number };
    assert.deepEqual(rest, { by: "close", result: "absent" });
    assert.ok(
      at - Number(sentAt) >= world.channels.alpha.manifest.graceMs + 10_000,
      `${at - Number(sentAt)}`,
    );
    assert.equal(world.channels.alpha.countOf("charge"), 1);
  });

  it("a channel that is never sure: a person is asked", async () => {
    const [world] = await submitted({ charge: ["pending"], inquire: ["pending"], close: ["unknown"] });
    const closerId = closing(world);
    await world.drain(86_400_000);
    assert.equal(world.stateOf(closerId), "parked close-undecided");
    assert.equal(world.order()?.["status"], "processing");
  });

  it("twice at the same moment, and once more later: closed once, told once, everybody is answered", async () => {
    const [world] = await submitted({ charge: ["action"] });
    const both = [closing(world), closing(world)];
    await world.drain();
    const again = closing(world);
    await world.drain();
    assert.deepEqual(
      [...both, again].map((runId) => callerOf(world, runId)),
      ["closed", "closed", "closed"],
    );
    assert.equal(toldOf(world), "order.closed");
    assert.deepEqual(
      new Set([...both, again].map((runId) => world.stateOf(runId))),
      new Set(["ended closed", "ended repeated"]),
    );
  });

  it("an order nobody knows, and another merchant's: not_found", async () => {
    const [world] = await submitted({ charge: ["action"] });
    const unknown = world.submit(
      { orderId: deriveId("order", "m1", "B"), merchantOrderId: undefined },
      "close",
    );
    const foreign = world.submit({ orderId, merchantId: "m2", merchantOrderId: undefined }, "close");
    await world.settle();
    for (const runId of [unknown, foreign]) {
      assert.deepEqual([world.stateOf(runId), callerOf(world, runId)], ["ended refused", "not_found"]);
    }
    assert.equal(world.order()?.["status"], "requires_action");
  });

  it("while it is on its way to another channel: either it goes there, or it is closed, never both", async () => {
    for (let hops = 0; hops < 12; hops++) {
      const world = await World.create({ alpha: { charge: ["notSent"] } });
      const runId = world.submit({ notifyUrl });
      for (let pumped = 0; pumped < hops && world.broker.pump(); pumped++)
        await new Promise((resolve) => setImmediate(resolve));
      const closerId = closing(world);
      await world.drain();
      const [order, charged] = [world.order()?.["status"], chargedAt(world)];
      const seen = `after ${hops}: ${String(order)}, charged ${charged}, ${world.stateOf(runId)}, ${world.stateOf(closerId)}`;
      if (order === "closed") assert.equal(charged, "", seen);
      else assert.deepEqual([order ?? "paid", charged], ["paid", "beta"], seen);
      assert.deepEqual(world.deadLetters(), [], seen);
    }
  });
});

describe("a success that comes after the close", () => {
  const reopening = (): WorldOptions => ({
    files: memoryProduct().files.map(({ path, text }) => ({
      path,
      text: path.endsWith("payment.late.json") ? text.replace('"refund"', '"reopen"') : text,
    })),
  });
  const cases = [
    ["refund", {}, "closed", true, "order.closed"],
    ["reopen", reopening(), "paid", false, "order.closed,order.paid"],
  ] as const;

  for (const [policy, options, order, surplus, told] of cases)
    it(`policy ${policy}: the order is ${order}, the payment ${surplus ? "goes back" : "pays it"}`, async () => {
      const [world] = await submitted({ charge: ["action"] }, options);
      closing(world);
      await world.drain();
      const paymentId = String(world.payments()[0]?.["paymentId"]);
      world.channels.alpha.chargesAnyway(paymentId);
      // Institutions repeat themselves.
      world.callback(paymentId);
      world.callback(paymentId);
      await world.drain();
      const [payment] = world.payments();
      assert.deepEqual([payment?.["status"], payment?.["surplus"]], ["approved", surplus]);
      const { status, paidBy } = world.order() ?? {};
      assert.deepEqual([status, paidBy], [order, order === "paid" ? paymentId : null]);
      assert.equal(toldOf(world), told);
      assert.deepEqual(world.deadLetters(), []);
    });

  it("a callback about a closed payment that was not charged changes nothing, and is asked about until it is sure", async () => {
    const [world] = await submitted({ charge: ["action"] });
    closing(world);
    await world.drain();
    const paymentId = String(world.payments()[0]?.["paymentId"]);
    world.callback(paymentId);
    await world.drain();
    assert.deepEqual([world.order()?.["status"], world.payments()[0]?.["status"]], ["closed", "closed"]);
    const late = world.database.rows("runs").find(({ flow }) => flow === "late");
    assert.equal(late?.["reason"], "unfounded");
  });
});
