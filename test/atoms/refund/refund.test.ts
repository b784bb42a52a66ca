import assert from "node:assert/strict";
import { isSurplus, surplusRefund } from "../../../atoms/surplus.js";
import { dictionary } from "../../../atoms/fields.js";
import { refundsTable } from "../../../atoms/tables.js";
import { deriveId } from "../../../engine/ids.js";
import type { Row } from "../../../engine/ports/store.js";
import { moves, nowMs, runAtom, runId } from "../../support/memory/atoms.js";
import { table } from "../../support/memory/table.js";

const orderId = deriveId("order", "m1", "A-1");
const refundId = deriveId("refund", "m1", "R-1");
const paymentId = "019ca8d7-2d00-7907-b6ff-2ad9d2bf9188";
const asked = { merchantId: "m1", orderId, merchantRefundId: "R-1", amount: 300 };
const order: Row = {
  ...{ orderId, merchantId: "m1", merchantOrderId: "A-1", type: "topup", business: "topup", status: "paid" },
  ...{ amount: 1000, currency: "CNY", paidBy: paymentId, refunded: 0, notifyUrl: "https://m.example/n" },
};
const payment: Row = {
  ...{ paymentId, orderId, channel: "alpha", channelOrderId: "X-1", status: "approved" },
  ...{ amount: 1000, currency: "CNY", refundReserved: 100, refunded: 50 },
};

/** Rows by table, whatever key is asked for. */
const rowsOf = (rows: Readonly<Record<string, Row | undefined>>) => ({
  rows: { find: async (name: string) => rows[name] },
});
const codeOf = (fields: Readonly<Record<string, unknown>> | undefined): string | undefined =>
  (fields?.["problem"] as { code: string } | undefined)?.code;
/** `table set match` of each transition, without the time. */
const changes = (result: Awaited<ReturnType<typeof runAtom>>): readonly unknown[] =>
  (result.writes ?? []).map((write) => {
    assert.ok(write.kind === "transition");
    const { updatedAt, ...set } = write.set ?? {};
    assert.equal(updatedAt, nowMs);
    return [write.table, write.match ?? {}, set];
  });

describe("refund.recall", () => {
  const logged: Row = {
    ...{
      refundId,
      orderId,
      merchantOrderId: "A-1",
      amount: 300,
      currency: "CNY",
      createdAt: 1,
      updatedAt: 2,
    },
    ...{ channelRefundId: null, reason: null, error: null, settledAt: null },
  };
  it("names a new one after merchant and merchantRefundId", async () => {
    const result = await runAtom("refund.recall", asked, { ports: rowsOf({}) });
    assert.deepEqual([result.outcome, result.fields], ["ok", { refundId }]);
  });

  const states = `
# row     counted  merchant sees
sending   no       processing
pending   no       processing
unknown   no       processing
notSent   no       processing
approved  no       processing
declined  no       processing
approved  yes      refunded
declined  yes      failed
`;
  for (const [status = "", counted, seen] of table(states))
    it(`${status}, counted: ${counted}: its merchant sees it as ${seen}`, async () => {
      const row = { ...logged, status, settledAt: counted === "yes" ? 3 : null };
      const { outcome, fields } = await runAtom("refund.recall", asked, { ports: rowsOf({ refunds: row }) });
      assert.deepEqual([outcome, fields?.["refundStatus"], fields?.["repeated"]], ["repeated", seen, true]);
    });

  for (const [what, change] of [
    ["amount", { amount: 301 }],
    ["order", { orderId: deriveId("order", "m1", "A-2") }],
  ] as const)
    it(`another ${what} under the same number is refused`, async () => {
      const ports = rowsOf({ refunds: { ...logged, status: "approved" } });
      const { outcome, fields } = await runAtom("refund.recall", { ...asked, ...change }, { ports });
      assert.deepEqual([outcome, codeOf(fields)], ["rejected", "refund_mismatch"]);
    });
});

describe("refund.find", () => {
  it("finds the payment that paid the order, with the order's own numbers", async () => {
    const { outcome, fields } = await runAtom("refund.find", asked, {
      ports: rowsOf({ orders: order, payments: payment }),
    });
    assert.deepEqual(
      [outcome, fields],
      [
        "ok",
        {
          ...{ paymentId, channel: "alpha", currency: "CNY", merchantOrderId: "A-1", orderType: "topup" },
          ...{ paymentAmount: 1000, refundReserved: 100, channelOrderId: "X-1", business: "topup" },
          notifyUrl: "https://m.example/n",
        },
      ],
    );
  });

  const refused: readonly (readonly [string, Row | undefined, Row | undefined, string])[] = [
    ["no order", undefined, undefined, "not_found"],
    ["another merchant's order", { ...order, merchantId: "m2" }, payment, "not_found"],
    ["an order nobody has paid", { ...order, paidBy: null }, payment, "order_not_paid"],
    ["a payment of another order", order, { ...payment, orderId: refundId }, "order_not_paid"],
    ["a payment that is not approved", order, { ...payment, status: "unknown" }, "order_not_paid"],
  ];
  for (const [what, orders, payments, code] of refused) {
    const ports = rowsOf({ orders, payments });
    it(`${what}: ${code}`, async () => {
      const { outcome, fields } = await runAtom("refund.find", asked, { ports });
      assert.deepEqual([outcome, codeOf(fields)], ["rejected", code]);
    });
    if (code === "order_not_paid" && payments === payment) continue;
    it(`${what}, for a surplus: throws, so that a person looks`, async () => {
      const surplus = { ...asked, paymentId, merchantRefundId: surplusRefund(paymentId) };
      await assert.rejects(runAtom("refund.find", surplus, { ports }), /cannot be refunded/);
    });
  }

  it("a surplus is found whoever has paid the order, and its merchant is not told", async () => {
    const surplus = { ...asked, paymentId, merchantRefundId: surplusRefund(paymentId) };
    const ports = rowsOf({ orders: { ...order, paidBy: null, status: "closed" }, payments: payment });
    const { outcome, fields } = await runAtom("refund.find", surplus, { ports });
    assert.deepEqual([outcome, fields?.["paymentId"], fields?.["notifyUrl"]], ["ok", paymentId, undefined]);
  });

  it("the numbers of surplus refunds are ours alone", () => {
    assert.ok(isSurplus({ merchantRefundId: surplusRefund(paymentId), paymentId }));
    assert.ok(!isSurplus({ merchantRefundId: surplusRefund(paymentId) }));
    assert.ok(!isSurplus({ merchantRefundId: "R-1", paymentId }));
    const taken = new RegExp(dictionary.merchantRefundId.schema.pattern);
    assert.deepEqual(
      ["R-1", surplusRefund(paymentId), "my-surplus-1"].map((name) => taken.test(name)),
      [true, false, true],
    );
  });
});

describe("refund.reserve", () => {
  const rows = `
# paid  reserved  amount  outcome   reserved then
1000    0         1       ok        1
1000    0         1000    ok        1000
1000    700       300     ok        1000
1000    701       300     rejected  -
1000    1000      1       rejected  -
`;
  for (const [paid, before, amount, outcome, after] of table(rows))
    it(`${amount} of ${paid} when ${before} are reserved: ${outcome}`, async () => {
      const [paymentAmount, refundReserved] = [Number(paid), Number(before)];
      const result = await runAtom("refund.reserve", {
        ...{ ...asked, paymentId, currency: "CNY", paymentAmount, refundReserved, amount: Number(amount) },
      });
      assert.equal(result.outcome, outcome);
      assert.equal(codeOf(result.fields), after ? undefined : "refund_exceeds_payment");
      // The guard is what was read: whoever was faster makes this unit void.
      const expected = after ? [["payments", { refundReserved }, { refundReserved: Number(after) }]] : [];
      assert.deepEqual(changes(result), expected);
      assert.deepEqual(moves(result), after ? ["payments approved>approved"] : []);
    });
});

describe("refund.log", () => {
  it("inserts the refund under its derived id, or conflicts; every column it writes is one", async () => {
    const fields = {
      ...asked,
      refundId,
      paymentId,
      merchantOrderId: "A-1",
      channel: "alpha",
      currency: "CNY",
    };
    const result = await runAtom("refund.log", { ...fields, reason: "cold" });
    assert.deepEqual(moves(result), ["refunds +sending conflict"]);
    const [write] = result.writes ?? [];
    const row = write?.kind === "insert" ? write.row : {};
    assert.deepEqual([row["refundId"], row["runId"], row["reason"]], [refundId, runId, "cold"]);
    assert.deepEqual(
      Object.keys(row).filter((name) => !(name in refundsTable.columns)),
      [],
    );
    assert.equal(result.fields?.["refundStatus"], "processing");
  });
});

describe("refund.record", () => {
  const rows = `
# channel  row
approved   approved
declined   declined
pending    pending
unknown    unknown
notSent    notSent
absent     unknown
`;
  for (const [channelResult, to] of table(rows))
    it(`channel says ${channelResult}: ${to}, with the evidence`, async () => {
      const said = { channelResult, channelAsked: "reply", channelCode: "00", channelMessage: "fine" };
      const result = await runAtom("refund.record", { refundId, ...said });
      assert.deepEqual(moves(result), [`refunds sending,pending,unknown,notSent>${to}`]);
      const evidence = { by: "reply", result: channelResult, code: "00", message: "fine", at: nowMs };
      assert.deepEqual(changes(result), [["refunds", {}, { channelRefundId: null, evidence }]]);
    });

  it("no other channel can be given it", async () => {
    const moved = { refundId, channelResult: "moved", channelAsked: "switch" };
    await assert.rejects(async () => runAtom("refund.record", moved), /cannot move/);
  });
});

describe("refund.settle", () => {
  const settle = (orders: Row, amount = 300) =>
    runAtom(
      "refund.settle",
      { ...asked, refundId, paymentId, amount },
      {
        ports: rowsOf({ orders, payments: payment }),
      },
    );
  const once = ["refunds", { settledAt: null }, { settledAt: nowMs }];
  const rows = `
# refunded before  amount  order becomes
0                  300     partially_refunded
700                299     partially_refunded
700                300     refunded
0                  1000    refunded
`;
  for (const [before, amount, to] of table(rows))
    it(`${amount} of 1000 after ${before}: ${to}`, async () => {
      const refunded = Number(before);
      const result = await settle({ ...order, refunded }, Number(amount));
      assert.deepEqual(changes(result), [
        once,
        ["payments", { refunded: 50 }, { refunded: 50 + Number(amount) }],
        ["orders", { refunded }, { refunded: refunded + Number(amount) }],
      ]);
      assert.equal(moves(result)[2], `orders paid,partially_refunded>${to}`);
      assert.equal(result.fields?.["refundStatus"], "refunded");
    });

  it("of a payment that did not pay the order leaves the order as it is", async () => {
    const result = await settle({ ...order, paidBy: refundId });
    assert.deepEqual(changes(result), [once, ["payments", { refunded: 50 }, { refunded: 350 }]]);
  });
});

describe("refund.release", () => {
  const rows = `
# code  words            error
61      account closed   61 account closed
-       account closed   account closed
-       -                the channel gave no reason
`;
  for (const [channelCode, channelMessage, detail] of table(rows))
    it(`gives the amount free once, and says why: ${detail}`, async () => {
      const result = await runAtom(
        "refund.release",
        { refundId, paymentId, amount: 60, channelCode, channelMessage },
        { ports: rowsOf({ payments: payment }) },
      );
      const error = result.fields?.["refundError"] as { code: string; detail: string };
      assert.deepEqual([error.code, error.detail], ["refund_declined", detail]);
      assert.deepEqual(moves(result), ["refunds declined>declined", "payments approved>approved"]);
      assert.deepEqual(changes(result), [
        ["refunds", { settledAt: null }, { error, settledAt: nowMs }],
        ["payments", { refundReserved: 100 }, { refundReserved: 40 }],
      ]);
    });
});

describe("refund.announce", () => {
  for (const refundStatus of ["refunded", "failed"])
    it(`${refundStatus}: tells its topic, under the order's type`, async () => {
      const { events } = await runAtom("refund.announce", { ...asked, refundStatus, orderType: "topup" });
      const [event] = events ?? [];
      assert.equal(event?.topic, `refund.${refundStatus}`);
      const { type, eventType, eventAt, orderType } = event.fields;
      assert.deepEqual([type, eventType, eventAt, orderType], ["topup", event.topic, nowMs, undefined]);
    });
});
