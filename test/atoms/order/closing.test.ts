import assert from "node:assert/strict";
import type { Row } from "../../../engine/ports/store.js";
import { moves, runAtom } from "../../support/memory/atoms.js";
import { table } from "../../support/memory/table.js";

const [orderId, paymentId] = ["o", "p"];

/** Rows as an atom finds them. */
const rowsOf = (order: Row, payment: Row) => ({
  rows: { find: async (name: string) => (name === "orders" ? order : payment) },
});

describe("order.closable", () => {
  const rows = `
# order              payment   outcome
processing           created   ok
processing           notSent   ok
processing           sending   sent
requires_action      pending   sent
processing           unknown   sent
processing           declined  ok
processing           closed    ok
processing           approved  rejected
failed               declined  ok
paid                 approved  rejected
partially_refunded   approved  rejected
refunded             approved  rejected
closed               closed    closed
`;
  for (const [orderStatus, paymentStatus, outcome] of table(rows))
    it(`an order that is ${orderStatus}, its payment ${paymentStatus}: ${outcome}`, async () => {
      const result = await runAtom("order.closable", { orderStatus, paymentStatus, merchantOrderId: "A-1" });
      assert.equal(result.outcome, outcome);
    });
});

describe("order.review", () => {
  /** `heard`: what the run itself has heard of the channel. */
  const rows = `
# order       paid by  payment   surplus  heard     outcome
processing    -        created   no       -         undecided
processing    -        unknown   no       unknown   undecided
failed        -        unknown   no       unknown   undecided
failed        -        created   no       -         decided
closed        -        notSent   no       notSent   decided
processing    -        approved  no       -         approved
processing    -        declined  no       -         declined
processing    -        declined  no       approved  late
paid          ours     approved  no       approved  decided
paid          another  approved  no       approved  late
paid          another  approved  yes      approved  decided
closed        -        closed    no       approved  late
closed        -        closed    no       -         decided
failed        -        declined  no       -         decided
`;
  for (const [status, paidBy, payment, surplus, heard, outcome] of table(rows))
    it(`order ${status}, payment ${payment}, heard ${heard || "nothing"}: ${outcome}`, async () => {
      const order = { orderId, status, paidBy: paidBy === "ours" ? paymentId : paidBy || null };
      const result = await runAtom(
        "order.review",
        { orderId, paymentId, ...(heard ? { channelResult: heard } : {}) },
        { ports: rowsOf(order, { paymentId, status: payment, surplus: surplus === "yes", evidence: null }) },
      );
      assert.equal(result.outcome, outcome);
    });
});

describe("order.unpaid", () => {
  for (const [status, outcome] of [
    ["processing", "ok"],
    ["requires_action", "ok"],
    ["failed", "decided"],
    ["closed", "decided"],
    ["paid", "decided"],
  ] as const)
    it(`an order that is ${status}: ${outcome}`, async () => {
      const result = await runAtom("order.unpaid", { orderId }, { ports: rowsOf({ status }, {}) });
      assert.equal(result.outcome, outcome);
    });
});

describe("payment.late", () => {
  /** `policy`: what the definition says about money that comes too late. */
  const rows = `
# order       paid by  payment   policy  late     writes
closed        -        closed    refund  surplus  payments closed,declined,approved>approved
closed        -        closed    reopen  paid     payments closed,declined,approved>approved, orders closed>paid
failed        -        declined  refund  surplus  payments closed,declined,approved>approved
failed        -        declined  reopen  paid     payments closed,declined,approved>approved, orders failed>paid
processing    -        closed    refund  paid     payments closed,declined,approved>approved, orders processing>paid
paid          another  closed    reopen  surplus  payments closed,declined,approved>approved
paid          ours     approved  refund  no       -
`;
  for (const [status, paidBy, payment, policy, late, writes] of table(rows))
    it(`order ${status}, paid by ${paidBy || "nothing"}, policy ${policy}: ${late}`, async () => {
      const order = { orderId, status, paidBy: paidBy === "ours" ? paymentId : paidBy || null, amount: 5 };
      const fields = {
        ...{ orderId, paymentId, channel: "alpha", channelResult: "approved", channelAsked: "inquiry" },
      };
      const result = await runAtom("payment.late", fields, {
        params: { policy },
        ports: rowsOf(order, { paymentId, status: payment, surplus: false, amount: 5 }),
      });
      assert.equal(result.fields?.["late"], late);
      assert.equal(moves(result).join(", "), writes);
      const surplus = result.events?.map(({ topic }) => topic).join();
      assert.equal(surplus ?? "", late === "surplus" ? "payment.surplus" : "");
    });

  it("what was not charged changes nothing", async () => {
    const fields = {
      orderId,
      paymentId,
      channel: "alpha",
      channelResult: "declined",
      channelAsked: "inquiry",
    };
    const result = await runAtom("payment.late", fields);
    assert.deepEqual([result.fields, result.writes], [{ late: "no" }, undefined]);
  });
});
