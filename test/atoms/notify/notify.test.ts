import assert from "node:assert/strict";
import { moves, nowMs, runAtom } from "../../support/memory/atoms.js";
import { MemoryReference, ScriptedWebhooks } from "../../../adapters/memory/reference.js";
import { table } from "../../support/memory/table.js";

const event = {
  ...{ notificationId: "n1", merchantId: "m1", eventType: "order.paid", eventAt: nowMs, orderId: "o1" },
  ...{
    merchantOrderId: "A-1",
    type: "pay",
    orderStatus: "paid",
    amount: 1000,
    currency: "CNY",
    channel: "alpha",
  },
  ...{ orderCreatedAt: nowMs, orderUpdatedAt: nowMs },
};
const notifyUrl = "https://merchant.example/n";

describe("notify.send", () => {
  const rows = `
# merchant answers  outcome
200                 delivered
299                 delivered
199                 failed
302                 failed
404                 failed
0                   failed
`;
  for (const [status, outcome] of table(rows))
    it(`merchant answers ${status}: ${outcome}`, async () => {
      const webhooks = new ScriptedWebhooks();
      webhooks.statuses = [Number(status)];
      const ports = { webhooks, reference: new MemoryReference() };
      const result = await runAtom("notify.send", { ...event, notifyUrl, notificationAttempt: 1 }, { ports });
      assert.equal(result.outcome, outcome);
      assert.deepEqual(
        [result.fields?.["notificationAttempt"], result.fields?.["answerStatus"]],
        [2, Number(status)],
      );
      assert.equal(webhooks.sent[0]?.webhookId, "n1");
      assert.equal(webhooks.sent[0]?.timestampS, nowMs / 1000);
    });

  it("without an address nothing is sent", async () => {
    assert.deepEqual(await runAtom("notify.send", event), { outcome: "unwanted" });
  });

  it("without a secret the attempt has failed, and says why", async () => {
    const webhooks = new ScriptedWebhooks();
    const fields = { ...event, notifyUrl, merchantId: "m9" };
    const result = await runAtom("notify.send", fields, {
      ports: { webhooks, reference: new MemoryReference() },
    });
    assert.equal(result.outcome, "failed");
    assert.match(String(result.fields?.["answerDetail"]), /secret/);
    assert.deepEqual(webhooks.sent, []);
  });
});

describe("notify.record", () => {
  const rows = `
# attempt  status  writes
-          -       -
1          200     notifications +delivered conflict
1          500     notifications +sending conflict
2          204     notifications sending>delivered
2          0       notifications sending>sending
`;
  for (const [attempt, status, writes] of table(rows))
    it(`attempt ${attempt || "none"}, answered ${status || "never"}: ${writes || "nothing to keep"}`, async () => {
      const result = await runAtom("notify.record", {
        ...event,
        ...(attempt ? { notifyUrl, notificationAttempt: Number(attempt), answerStatus: Number(status) } : {}),
      });
      assert.equal(moves(result).join(), writes);
    });
});

describe("notify.abandon", () => {
  it("shows a notification that was being sent as failed, and no other", async () => {
    assert.deepEqual(moves(await runAtom("notify.abandon", event)), ["notifications sending>failed"]);
  });
});
