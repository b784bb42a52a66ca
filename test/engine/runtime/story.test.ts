import assert from "node:assert/strict";
import { vocabulary } from "../../../atoms/index.js";
import type { Row } from "../../../engine/ports/store.js";
import type { OrderStory } from "../../../engine/ports/story.js";
import { type StoryFacts, tellStory } from "../../../engine/runtime/story.js";
import { shippedPlan } from "../../support/shipped.js";

const plan = shippedPlan("pay");
const runId = "01a20010-0f42-774c-adb7-b3aa4907c2c8";

const order: Row = {
  orderId: "o",
  merchantId: "demo",
  merchantOrderId: "m1",
  type: "pay",
  status: "processing",
  amount: 100,
  currency: "CNY",
  runId,
  refunded: 0,
  paidBy: null,
  error: null,
  createdAt: 1_010,
  updatedAt: 1_050,
};
const payment: Row = {
  paymentId: "p1",
  orderId: "o",
  runId,
  attempt: 1,
  channel: "sim",
  status: "approved",
  amount: 100,
  currency: "CNY",
  evidence: { by: "inquiry", result: "approved", code: "OK", at: 1_040 },
  createdAt: 1_010,
  updatedAt: 1_040,
};
const run: Row = {
  runId,
  flow: "pay",
  type: "pay",
  planHash: plan.hash,
  state: "open",
  stage: "intake",
  hop: 0,
  reason: "",
  problem: null,
  createdAt: 1_000,
  updatedAt: 1_010,
};

const facts = (change: Partial<StoryFacts>): StoryFacts => ({
  orderId: "o",
  order,
  payments: [],
  refunds: [],
  runs: [run],
  journal: [],
  signals: [],
  notifications: [],
  deadLetters: [],
  operatorActions: [],
  carriers: [],
  plans: new Map([[plan.hash, plan]]),
  ...change,
});

const told = (change: Partial<StoryFacts>): OrderStory => tellStory(facts(change), vocabulary, 2_000);

const entry = (
  hop: number,
  step: number,
  kind: "intent" | "end",
  stage: string,
  outcome: string,
  data: Row,
): StoryFacts["journal"][number] => ({
  runDay: "2026-11-21",
  runId,
  hop,
  point: step,
  step,
  kind,
  stage,
  outcome,
  data,
  atMs: 1_010 + hop * 10 + step,
});

const problem = { type: "t", title: "t", status: 402, code: "channel_declined", detail: "no funds" };
const timer = { runId, carrier: { kind: "timer", signal: "timeout", dueAtMs: 5_000 } } as const;
const message = {
  runId,
  carrier: { kind: "message", queue: "channel.sim", state: "ready", deliveries: 0, atMs: 1_060 },
} as const;

describe("the story of an order", () => {
  const reasons: readonly (readonly [string, Partial<StoryFacts>, RegExp])[] = [
    // the order                        what is kept about it                                                     says
    ["nothing but a message", { order: undefined, runs: [] }, /accepted and no module has worked/],
    ["under way", { carriers: [message] }, /under way to intake, in queue channel\.sim \(ready\)/],
    [
      "waiting",
      { runs: [{ ...run, state: "waiting", reason: "the payer" }], carriers: [timer] },
      /waits for the payer, until 1970-01-01T00:00:05/,
    ],
    [
      "parked",
      { runs: [{ ...run, state: "parked", stage: "resolve", reason: "undecided" }] },
      /person has to decide.*resolve \(undecided\)/,
    ],
    [
      "paid",
      { order: { ...order, status: "paid", paidBy: "p1" }, payments: [payment] },
      /attempt 1 paid it through sim: inquiry said approved \(OK\)/,
    ],
    ["failed", { order: { ...order, status: "failed", error: problem } }, /channel_declined: no funds/],
    [
      "rejected",
      { order: undefined, runs: [{ ...run, state: "ended", reason: "rejected", problem }] },
      /ended as rejected: channel_declined, no funds; no order was logged/,
    ],
    [
      "paid, and its notification parked",
      {
        order: { ...order, status: "paid", paidBy: "p1" },
        payments: [payment],
        runs: [run, { ...run, flow: "notify", state: "parked", reason: "x" }],
      },
      /person has to decide.*flow notify/,
    ],
  ];
  for (const [what, change, says] of reasons) {
    it(`${what}: says why`, () => assert.match(told(change).because, says));
  }

  it("the timeline is sorted, counts from acceptance, and shows each step once", () => {
    const step = (atom: string): Row => ({ atom, outcome: "ok", elapsedMs: 1 });
    const { timeline } = told({
      journal: [
        entry(0, 1, "end", "intake", "ok", {
          steps: [step("order.log")],
          next: "stage:charge",
          queueWaitMs: 3,
        }),
        entry(1, 1, "intent", "charge", "", { steps: [step("merchant.check")] }),
        entry(1, 2, "end", "charge", "approved", {
          steps: [step("merchant.check"), step("channel.charge")],
          next: "stage:settle",
        }),
      ],
    });
    assert.deepEqual(
      timeline.map(({ kind, offsetMs, name, steps, next }) => [
        kind,
        offsetMs,
        name,
        steps.map(({ atom }) => atom),
        next,
      ]),
      [
        ["accepted", 0, "pay", [], undefined],
        ["transaction", 11, "order.accept", ["order.log"], "stage:charge"],
        ["intent", 21, "channel.charge", ["merchant.check"], undefined],
        ["transaction", 22, "channel.charge", ["channel.charge"], "stage:settle"],
      ],
    );
  });

  it("a refund is told with its evidence, payment and order with what was refunded of them", () => {
    const evidence = { by: "reply", result: "approved", code: "00", at: 1_045 };
    const refund: Row = {
      ...{ refundId: "f1", merchantRefundId: "R-1", paymentId: "p1", channel: "sim", status: "approved" },
      ...{ amount: 30, currency: "CNY", evidence, error: null, reason: null, channelRefundId: "X-2" },
      ...{ runId, orderId: "o", settledAt: 1_050, createdAt: 1_041, updatedAt: 1_050 },
    };
    const story = told({
      order: { ...order, status: "partially_refunded", refunded: 30 },
      payments: [{ ...payment, refundReserved: 40, refunded: 30 }],
      refunds: [refund],
    });
    assert.deepEqual(story.refunds, [
      {
        ...{
          refundId: "f1",
          merchantRefundId: "R-1",
          paymentId: "p1",
          channel: "sim",
          channelRefundId: "X-2",
        },
        ...{ status: "approved", amountMinor: 30, currency: "CNY", evidence },
        ...{ settledAtMs: 1_050, createdAtMs: 1_041, updatedAtMs: 1_050 },
      },
    ]);
    const [paid] = story.payments;
    assert.deepEqual(
      [story.order?.refundedMinor, paid?.refundReservedMinor, paid?.refundedMinor],
      [30, 40, 30],
    );
    assert.equal(
      "refunded" in (story.order?.fields ?? {}),
      false,
      "a sum is no secret and stands by its name",
    );
  });

  it("an open run stands where the journal left it, not where its row was last written", () => {
    const journal = [entry(0, 1, "end", "intake", "ok", { next: "stage:charge" })];
    assert.equal(told({ journal }).runs[0]?.stage, "charge");
  });

  it("says how long work and waits took, and who acted and why", () => {
    const waited = { wait: "the payer", next: "stage:resolve" };
    const { timeline } = told({
      journal: [
        entry(0, 1, "end", "intake", "ok", {
          steps: [{ atom: "order.log", outcome: "ok", elapsedMs: 1.25 }],
        }),
        entry(9, 0, "end", "await", "timeout", waited),
      ],
      operatorActions: [
        {
          ...{ actionId: "a", action: "inquire", author: "ann", reason: "the payer calls", atMs: 1_050 },
          ...{ input: {}, answer: { runId } },
        },
      ],
    });
    assert.deepEqual(
      timeline.map(({ kind, name, tookMs, by }) => [kind, name, tookMs, by?.author]),
      [
        ["accepted", "pay", undefined, undefined],
        ["transaction", "order.accept", 1.25, undefined],
        ["operator", "inquire", undefined, "ann"],
        ["transaction", "the payer", 89, undefined],
      ],
    );
  });

  it("a parked run says where it may go on, a waiting one whether it asks next", () => {
    const runs = (change: Row) => told({ runs: [{ ...run, ...change }] }).runs[0];
    const parked = runs({ state: "parked", stage: "resolve", reason: "undecided" });
    assert.ok(parked?.mayGoOnIn?.some(({ stage }) => stage === "settle"));
    assert.equal(parked?.asksNext, undefined);
    assert.equal(runs({ state: "waiting", stage: "hold", reason: "the channel" })?.asksNext, true);
    assert.equal(runs({ state: "waiting", stage: "pause", reason: "a channel" })?.asksNext, undefined);
  });

  it("masks what the dictionary masks, wherever it is shown, and what it does not know", () => {
    const secret = "eyJhbGciOiJub25lIn0";
    const fields = { callbackBody: secret, undeclared: secret, channel: "sim" };
    const story = told({
      order: { ...order, callbackBody: secret },
      journal: [entry(0, 1, "end", "intake", "ok", { fields })],
      signals: [{ runId, signal: "channel.notified", state: "taken", givenAt: 1_020, fields }],
    });
    assert.ok(!JSON.stringify(story).includes(secret));
    assert.equal(story.timeline.find(({ kind }) => kind === "transaction")?.fields["channel"], "sim");
    assert.equal(story.order?.fields["merchantOrderId"], "m1");
  });
});
