import assert from "node:assert/strict";
import { vocabulary } from "../../../atoms/index.js";
import { limits } from "../../../engine/limits.js";
import type { OrderActionName, StoryOrder, StoryPayment, StoryRun } from "../../../engine/ports/story.js";
import { possibleActions, type ToldOrder } from "../../../engine/runtime/story-actions.js";
import { asksNext, decisionsIn, stagesToGoOnIn } from "../../../engine/runtime/story-stages.js";
import { shippedPlan } from "../../support/shipped.js";

const nowMs = 100_000;
const pay = shippedPlan("pay");
const refund = shippedPlan("refund");

const order: StoryOrder = {
  ...{ status: "processing", amountMinor: 1000, currency: "CNY", refundedMinor: 0, fields: {} },
  ...{ createdAtMs: 1, updatedAtMs: 1 },
};
const payment: StoryPayment = {
  ...{ paymentId: "p1", attempt: 1, channel: "alpha", status: "unknown", amountMinor: 1000, currency: "CNY" },
  ...{ refundReservedMinor: 0, refundedMinor: 0, createdAtMs: 1, updatedAtMs: 1 },
};
const run: StoryRun = {
  ...{ runId: "r1", flow: "pay", type: "pay", planHash: "h", state: "waiting", stage: "hold", reason: "x" },
  ...{ carriedBy: [], createdAtMs: 1, updatedAtMs: 1 },
};
const asking = { ...run, asksNext: true };
const parked: StoryRun = {
  ...run,
  ...{ state: "parked", stage: "resolve", reason: "undecided", mayGoOnIn: stagesToGoOnIn(pay, vocabulary) },
};
const sent = (status: string, attempts = 1): ToldOrder["notifications"][number] => ({
  ...{ notificationId: "n1", runId: "r2", event: "order.paid", url: "https://m.example", status, attempts },
  updatedAtMs: 1,
});
const asked = (agoMs: number): ToldOrder["operatorActions"][number] => ({
  ...{ actionId: "a1", action: "inquire", author: "ann", reason: "why", input: {}, answer: {} },
  atMs: nowMs - agoMs,
});

const story = (change: Partial<ToldOrder>): ToldOrder => ({
  ...{ orderId: "o1", order, because: "", payments: [payment], refunds: [], runs: [run] },
  ...{ notifications: [], deadLetters: [], operatorActions: [] },
  ...change,
});

const paid = (refundReservedMinor = 0): Partial<ToldOrder> => ({
  order: { ...order, status: "paid", paidBy: "p1" },
  payments: [{ ...payment, status: "approved", refundReservedMinor }],
  runs: [{ ...run, state: "ended" }],
});

describe("what an operator can do to an order", () => {
  const rows: readonly (readonly [string, OrderActionName, Partial<ToldOrder>, string])[] = [
    // the order                                     action     what is known                                    code
    ["waits to ask", "inquire", { runs: [asking] }, "can"],
    [
      "was asked about a moment ago",
      "inquire",
      { runs: [asking], operatorActions: [asked(limits.inquireByHandEveryMs - 1)] },
      "asked-recently",
    ],
    [
      "was asked about a while ago",
      "inquire",
      { runs: [asking], operatorActions: [asked(limits.inquireByHandEveryMs)] },
      "can",
    ],
    ["is before a person", "inquire", { runs: [parked] }, "parked"],
    ["is on its way to the channel", "inquire", { runs: [{ ...run, state: "open" }] }, "under-way"],
    ["waits for a channel to open", "inquire", {}, "nothing-sent"],
    ["is paid", "inquire", paid(), "decided"],
    ["is paid, a refund of it waits", "inquire", { ...paid(), runs: [asking] }, "can"],

    ["was told to nobody", "resend", {}, "none-sent"],
    ["is being told", "resend", { notifications: [sent("sending")] }, "still-sending"],
    ["was told", "resend", { notifications: [sent("delivered")] }, "can"],
    ["could not be told", "resend", { notifications: [sent("failed", 3)] }, "can"],
    ["was told and told", "resend", { notifications: [sent("failed", 90)] }, "sent-too-often"],

    ["is not paid", "refund", {}, "not-paid"],
    ["is paid", "refund", paid(), "can"],
    ["is on its way back", "refund", paid(1000), "nothing-left"],

    ["is undecided", "close", {}, "can"],
    ["has failed", "close", { order: { ...order, status: "failed" } }, "can"],
    ["is closed", "close", { order: { ...order, status: "closed" } }, "closed"],
    ["is paid", "close", paid(), "paid"],
    ["is about to be paid", "close", { payments: [{ ...payment, status: "approved" }] }, "paid"],
    ["is being closed", "close", { runs: [run, { ...run, flow: "close" }] }, "closing"],

    ["has no run before a person", "release", {}, "none-parked"],
    ["is before a person", "release", { runs: [parked] }, "can"],
  ];
  for (const [what, action, known, code] of rows) {
    it(`${action}, order that ${what}: ${code}`, () => {
      const [found] = possibleActions(story(known), nowMs).filter((each) => each.action === action);
      assert.deepEqual([found?.code, found?.possible], [code, code === "can"]);
      assert.ok((found?.why ?? "").length > 0, "it says why");
    });
  }

  it("an order nobody logged can be acted upon only where a run is parked", () => {
    const { order: _none, ...unlogged } = story({ runs: [parked] });
    const codes = possibleActions(unlogged, nowMs).map(({ action, code }) => `${action} ${code}`);
    const nothing = ["inquire", "resend", "refund", "close"].map((action) => `${action} not-logged`);
    assert.deepEqual(codes, [...nothing, "release can"]);
  });

  it("says what is left to refund, which notification and which run are meant, when to ask again", () => {
    const actions = possibleActions(
      story({
        ...paid(400),
        runs: [asking, parked],
        notifications: [sent("delivered")],
        operatorActions: [asked(4_000)],
      }),
      nowMs,
    );
    const of = (action: OrderActionName) => actions.find((each) => each.action === action);
    assert.equal(of("refund")?.amountMinorMax, 600);
    assert.deepEqual([of("resend")?.target, of("release")?.target], ["n1", "r1"]);
    assert.equal(of("inquire")?.againInMs, limits.inquireByHandEveryMs - 4_000);
  });
});

describe("stages of a plan", () => {
  const waits: readonly (readonly [typeof pay, string, boolean])[] = [
    [pay, "await", true],
    [pay, "hold", true],
    // Nothing was sent: going on sends.
    [pay, "pause", false],
    [refund, "hold", true],
    [refund, "pause", false],
    // It tries to reserve once more.
    [refund, "crowd", false],
    [shippedPlan("close"), "hold", true],
    [shippedPlan("notify"), "again", false],
    // No wait at all.
    [pay, "settle", false],
  ];
  for (const [plan, stage, asks] of waits)
    it(`${plan.flow}/${stage}: its timeout ${asks ? "asks" : "does not ask"} the channel`, () =>
      assert.equal(asksNext(plan, stage, vocabulary.atoms), asks));

  it("a run can be sent to transactions; those that move money say so, and those that ask", () => {
    const stages = stagesToGoOnIn(pay, vocabulary);
    assert.ok(!stages.some(({ stage }) => stage === "await"));
    const named = (key: "sends" | "asks") => stages.filter((each) => each[key]).map(({ stage }) => stage);
    assert.deepEqual(named("sends"), ["charge", "resend"]);
    assert.deepEqual(named("asks"), ["late", "resolve"]);
  });

  it("a refund given back by hand is decided where it is released", () => {
    const stage = refund.stages["release"];
    assert.ok(stage?.kind === "transaction");
    assert.deepEqual(Object.keys(decisionsIn(stage, vocabulary)), ["handReference"]);
  });
});
