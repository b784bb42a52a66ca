import assert from "node:assert/strict";
import { absentFromMs } from "../../atoms/absent.js";
import type { ChannelScript, ChargeScript, InquiryScript } from "../../adapters/memory/channel.js";
import { table } from "../support/memory/table.js";
import { World } from "../support/memory/world.js";

/**
 * What becomes of an order, by what the channels say. Both channels can carry it, alpha comes first. `wants`: the
 * channel the integrator named. `caller`: what was answered (nothing once the run has waited: the bridge has said 202
 * by then); `payments`: status of each attempt; `charged`: what the channels executed; `notified`: events sent.
 * `>` separates what is said to one call after another; the last one repeats.
 */
const answers = `
# alpha to charge      alpha asked            beta      wants  caller                   order   payments          charged      notified
approved               -                      -         -      paid                     paid    approved          alpha        order.paid
declined               -                      -         -      failed channel_declined  failed  declined          -            order.failed
silence                truth                  -         -      paid                     paid    approved          alpha        order.paid
garbage                truth                  -         -      paid                     paid    approved          alpha        order.paid
garbage                unknown>unknown>truth  -         -      -                        paid    approved          alpha        order.paid
garbage                declined               -         -      failed channel_declined  failed  declined          alpha        order.failed
pending                pending>approved       -         -      processing               paid    approved          -            order.paid
action                 pending>approved       -         -      requires_action          paid    approved          -            order.paid
pending                declined               -         -      processing               failed  declined          -            order.failed
lost>approved          truth                  -         -      -                        paid    approved          alpha        order.paid
lost>declined          truth                  -         -      -                        failed  declined          -            order.failed
lost>notSent>approved  truth                  -         -      -                        paid    approved          alpha        order.paid
lost>silence           absent>absent>absent>absent>approved  -  -  -                     paid    approved          alpha        order.paid
notSent                -                      approved  -      paid                     paid    notSent approved  beta         order.paid
notSent                -                      declined  -      failed channel_declined  failed  notSent declined  -            order.failed
notSent                -                      notSent   -      -                        failed  notSent notSent   -            order.failed
notSent>approved       -                      approved  alpha  -                        paid    approved          alpha        order.paid
notSent                -                      approved  alpha  -                        failed  notSent           -            order.failed
approved               -                      approved  beta   paid                     paid    approved          beta         order.paid
`;

const script = (charge: string | undefined, inquire: string | undefined): ChannelScript => ({
  ...(charge ? { charge: charge.split(">") as ChargeScript[] } : {}),
  ...(inquire ? { inquire: inquire.split(">") as InquiryScript[] } : {}),
});

/** Everything the table looks at, as its row says it. */
function outcomeOf(world: World): Record<string, string> {
  const caller = world.replies
    .filter(({ fields }) => fields["callbackReply"] === undefined)
    .map(({ problem, fields }) => {
      const why = (problem ?? fields["problem"]) as { code?: string } | undefined;
      return [fields["orderStatus"] ?? "refused", why?.code].filter(Boolean).join(" ");
    });
  const charged = [
    ...world.channels.alpha.charged.map(() => "alpha"),
    ...world.channels.beta.charged.map(() => "beta"),
  ];
  return {
    caller: caller.join(", "),
    order: String(world.order()?.["status"] ?? "none"),
    payments: world
      .payments()
      .map(({ status }) => status)
      .join(" "),
    charged: charged.join(" "),
    notified: world.webhooks.sent.map(({ body }) => (JSON.parse(body) as { type: string }).type).join(" "),
  };
}

const notifyUrl = "https://merchant.example/notify";

describe("pay: what becomes of an order", () => {
  for (const [charge, asked, beta, wants, caller, order, payments, charged, notified] of table(answers)) {
    const given = `alpha ${charge}, asked ${asked || "nothing"}, beta ${beta || "unused"}, wants ${wants || "any"}`;
    it(`${given}: ${order}, charged ${charged || "never"}`, async () => {
      const world = await World.create({ alpha: script(charge, asked), beta: script(beta, undefined) });
      const runId = world.submit({ notifyUrl, ...(wants ? { channel: wants } : {}) });
      await world.drain();
      assert.deepEqual(outcomeOf(world), { caller, order, payments, charged, notified });
      assert.equal(world.stateOf(runId), `ended ${order}`);
      assert.deepEqual(world.deadLetters(), []);
    });
  }
});

describe("pay: an unknown charge", () => {
  it("is sent again under the same number, on the same channel, and only after the grace time", async () => {
    const world = await World.create({ alpha: { charge: ["lost", "notSent", "approved"] } });
    world.submit();
    await world.drain();
    const { alpha, beta } = world.channels;
    const sentAt = world.payments()[0]?.["createdAt"];
    assert.equal(alpha.countOf("charge"), 3);
    assert.equal(new Set(alpha.calls.map(({ request }) => request.paymentId)).size, 1);
    assert.deepEqual(beta.calls, []);
    assert.ok(Number(world.order()?.["updatedAt"]) - Number(sentAt) >= absentFromMs(0, alpha.manifest));
  });

  it("that the channel does not know yet is asked about until the grace time has passed", async () => {
    // The charge comes to nothing at once, so the first inquiries are early.
    const world = await World.create({ alpha: { charge: ["garbage", "approved"], inquire: ["absent"] } });
    world.submit();
    await world.advance(absentFromMs(0, world.channels.alpha.manifest) - 1);
    assert.equal(world.channels.alpha.countOf("charge"), 1);
    assert.ok(world.channels.alpha.countOf("inquire") > 1, "it was asked more than once");
    assert.equal(world.payments()[0]?.["status"], "unknown");
    await world.drain();
    assert.equal(world.channels.alpha.countOf("charge"), 2);
  });

  it("that stays unknown is parked for a person, never failed", async () => {
    const world = await World.create({ alpha: { charge: ["garbage"], inquire: ["unknown"] } });
    const runId = world.submit();
    await world.drain(7 * 24 * 3_600_000);
    assert.equal(world.stateOf(runId), "parked undecided");
    assert.equal(world.order()?.["status"], "processing");
    assert.equal(world.payments()[0]?.["status"], "unknown");
  });

  it("leaves the evidence of the answer that decided it, not of an earlier one", async () => {
    const world = await World.create({ alpha: { charge: ["garbage"], inquire: ["approved"] } });
    world.submit();
    await world.drain();
    const { at: _at, ...evidence } = world.payments()[0]?.["evidence"] as Record<string, unknown>;
    assert.deepEqual(evidence, { by: "inquiry", result: "approved", code: "", message: "" });
  });
});

describe("pay: pending", () => {
  it("a callback ends the wait; the answer is asked for, not believed", async () => {
    const world = await World.create({ alpha: { charge: ["action"] } });
    const runId = world.submit();
    await world.settle();
    const paymentId = String(world.payments()[0]?.["paymentId"]);
    assert.equal(world.stateOf(runId), "waiting the payer");
    world.callback(paymentId);
    await world.settle();
    assert.equal(world.stateOf(runId), "waiting the payer", "the institution still says pending");
    world.channels.alpha.payerPays(paymentId);
    world.callback(paymentId);
    await world.settle();
    assert.equal(world.stateOf(runId), "ended paid");
    assert.equal(world.order()?.["paidBy"], paymentId);
    assert.equal(world.order()?.["action"], null);
  });

  it("without a callback the timer asks", async () => {
    const world = await World.create({ alpha: { charge: ["pending"] } });
    const runId = world.submit();
    await world.settle();
    world.channels.alpha.payerPays(String(world.payments()[0]?.["paymentId"]));
    await world.advance(4_999);
    assert.equal(world.stateOf(runId), "waiting the payer");
    await world.advance(1);
    assert.equal(world.stateOf(runId), "ended paid");
  });
});

describe("pay: what is refused", () => {
  const frozen = { merchantId: "m1", name: "One", status: "frozen", businesses: ["pay"] } as const;
  const rows: readonly (readonly [string, (world: World) => void, object, string])[] = [
    ["a frozen merchant", (world) => world.reference.merchants.set("m1", frozen), {}, "merchant_frozen"],
    ["an unknown merchant", () => undefined, { merchantId: "m9" }, "merchant_unknown"],
    [
      "a business that is not open",
      (world) => world.reference.merchants.set("m1", { ...frozen, status: "active", businesses: [] }),
      {},
      "business_closed",
    ],
    ["no channel open", (world) => void (world.reference.facts = []), {}, "no_route"],
    ["a channel nobody has", () => undefined, { channel: "gamma" }, "no_route"],
  ];
  for (const [name, prepare, fields, code] of rows) {
    it(`${name}: ${code}, no order, no charge`, async () => {
      const world = await World.create();
      prepare(world);
      const runId = world.submit({ ...fields });
      await world.drain();
      assert.equal(world.replies[0]?.problem?.code, code);
      assert.equal((world.run(runId)["problem"] as { code: string }).code, code);
      assert.equal(world.stateOf(runId), "ended rejected");
      assert.deepEqual([world.payments(), world.database.rows("orders")], [[], []]);
      assert.deepEqual(world.channels.alpha.calls, []);
    });

    // The others would name another order.
    if (Object.keys(fields).length > 0) continue;
    it(`${name}: an order that exists is answered with all the same`, async () => {
      const world = await World.create();
      world.submit();
      await world.drain();
      prepare(world);
      const again = world.submit();
      await world.drain();
      const { problem, fields: answer } = world.replies.at(-1) ?? {};
      assert.deepEqual(
        [problem, answer?.["repeated"], answer?.["orderStatus"], answer?.["problem"]],
        [undefined, true, "paid", undefined],
      );
      assert.equal(world.stateOf(again), "ended repeated");
      assert.equal(world.channels.alpha.charged.length, 1);
    });
  }
});

describe("pay: the same merchantOrderId again", () => {
  const rows = `
# second submission  caller                  end
same                 paid                    ended repeated
amount               refused order_mismatch  ended rejected
currency             refused order_mismatch  ended rejected
type                 refused order_mismatch  ended rejected
`;
  const changes: Readonly<Record<string, readonly [object, string]>> = {
    same: [{ subject: "other words" }, "pay"],
    amount: [{ amount: 1001 }, "pay"],
    currency: [{ currency: "EUR" }, "pay"],
    type: [{}, "topup"],
  };
  for (const [change = "", caller, end] of table(rows)) {
    it(`${change}: ${caller}, one charge`, async () => {
      const world = await World.create();
      world.submit();
      await world.drain();
      const [fields, type] = changes[change] ?? [{}, "pay"];
      const second = world.submit({ ...fields }, type);
      await world.drain();
      assert.equal(outcomeOf(world)["caller"], `paid, ${caller}`);
      assert.equal(world.stateOf(second), end);
      assert.deepEqual([world.payments().length, world.channels.alpha.charged.length], [1, 1]);
    });
  }

  it("at the same moment: one of them pays, the other is answered with its order", async () => {
    const world = await World.create();
    const runs = [world.submit(), world.submit()];
    await world.drain();
    assert.deepEqual(runs.map((runId) => world.stateOf(runId)).sort(), ["ended paid", "ended repeated"]);
    assert.equal(world.channels.alpha.charged.length, 1);
  });
});

describe("topup", () => {
  it("runs the flow of pay under its own business", async () => {
    const world = await World.create();
    const runId = world.submit({}, "topup");
    await world.drain();
    const { type, business, status } = world.order() ?? {};
    assert.deepEqual({ type, business, status }, { type: "topup", business: "topup", status: "paid" });
    assert.equal(world.run(runId)["flow"], "pay");
  });
});
