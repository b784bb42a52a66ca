import assert from "node:assert/strict";
import { nowMs, runAtom, runId } from "../../support/memory/atoms.js";

const event = {
  ...{ eventType: "order.paid", eventAt: nowMs - 5_000, orderId: "o1", paymentId: "p1", merchantId: "m1" },
  ...{ merchantOrderId: "A-1", type: "topup", business: "topup", channel: "alpha", channelOrderId: "X-9" },
  ...{ amount: 1000, currency: "CNY" },
};

async function entryOf(fields: typeof event | object): Promise<Readonly<Record<string, unknown>>> {
  const { outcome, writes } = await runAtom("accounting.enter", { ...fields });
  assert.deepEqual([outcome, writes?.length], ["ok", 1]);
  const [write] = writes ?? [];
  assert.ok(write?.kind === "insert" && write.table === "accountingFeed" && write.exists === "keep");
  return write.row;
}

describe("accounting.enter", () => {
  it("enters what was paid, through whom and when, with the three numbers of the payment", async () => {
    const { entryId, ...entry } = await entryOf(event);
    assert.match(String(entryId), /^[0-9a-f]{8}-[0-9a-f]{4}-8/);
    const { eventType, eventAt, ...same } = event;
    const none = { refundId: null, channelRefundId: null };
    assert.deepEqual(entry, { ...same, ...none, event: eventType, paidAt: eventAt, runId, enteredAt: nowMs });
  });

  it("a refund has its own numbers beside those of the payment, and each refund an entry of its own", async () => {
    const refund = { ...event, eventType: "refund.refunded", refundId: "f1", channelRefundId: "Y-1" };
    const entry = await entryOf(refund);
    const { event: kind, refundId, channelRefundId, paymentId, channelOrderId } = entry;
    assert.deepEqual(
      [kind, refundId, channelRefundId, paymentId, channelOrderId],
      ["refund.refunded", "f1", "Y-1", "p1", "X-9"],
    );
    assert.notEqual((await entryOf({ ...refund, refundId: "f2" })).entryId, entry.entryId);
  });

  it("a repeat names the same entry, another payment or another event another one", async () => {
    const { entryId } = await entryOf(event);
    assert.equal((await entryOf({ ...event, eventAt: nowMs })).entryId, entryId);
    assert.notEqual((await entryOf({ ...event, paymentId: "p2" })).entryId, entryId);
    assert.notEqual((await entryOf({ ...event, eventType: "order.refunded" })).entryId, entryId);
  });

  it("a type without a business is its own; a channel that gave no number has none", async () => {
    const { business: _business, channelOrderId: _number, ...bare } = event;
    const entry = await entryOf({ ...bare, type: "pay" });
    assert.deepEqual([entry.business, entry.channelOrderId], ["pay", null]);
  });
});
