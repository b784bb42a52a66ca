import assert from "node:assert/strict";
import type { RefundInquiryScript, RefundScript } from "../../adapters/memory/channel-refunds.js";
import type { Row } from "../../engine/ports/store.js";
import { table } from "../support/memory/table.js";
import { World, type WorldOptions } from "../support/memory/world.js";
import { paidWorld, refund, refunds, sumsOf, told } from "../support/memory/refunds.js";

/** Everything the table looks at, as its row says it. */
const outcomeOf = (world: World): Record<string, unknown> => ({
  caller: world.replies
    .map(({ problem, fields }) => problem?.code ?? String(fields["refundStatus"] ?? "nothing"))
    .join(", "),
  refund: refunds(world)
    .map(({ status }) => status)
    .join(" "),
  order: world.order()?.["status"],
  sums: sumsOf(world).join(" "),
  executed: world.channels.alpha.refunds.executed.length,
  sent: world.channels.alpha.refunds.countOf("refund"),
  told: told(world)
    .map(({ type }) => type)
    .join(" "),
  entered: world.database.rows("accountingFeed").filter(({ refundId }) => refundId !== null).length,
});

/**
 * What becomes of a refund of 300 of 1000, by what the channel says. `asked`: what it says when it is asked. `caller`:
 * what was answered (the bridge has said 202 where a run has waited). `sums`: reserved and refunded of the payment,
 * refunded of the order. `executed`: at the channel; `sent`: how often it was called; `entered`: for accounting.
 */
const answers = `
# channel                    asked                  caller    refund    order               sums         executed  sent  told             entered
approved                     -                      refunded  approved  partially_refunded  300 300 300  1         1     refund.refunded  1
declined                     -                      failed    declined  paid                0 0 0        0         1     refund.failed    0
silence                      -                      refunded  approved  partially_refunded  300 300 300  1         1     refund.refunded  1
garbage                      -                      refunded  approved  partially_refunded  300 300 300  1         1     refund.refunded  1
garbage                      unknown>unknown>truth  -         approved  partially_refunded  300 300 300  1         1     refund.refunded  1
garbage                      declined               failed    declined  paid                0 0 0        1         1     refund.failed    0
pending                      pending>approved       -         approved  partially_refunded  300 300 300  0         1     refund.refunded  1
pending                      declined               -         declined  paid                0 0 0        0         1     refund.failed    0
lost>approved                -                      -         approved  partially_refunded  300 300 300  1         2     refund.refunded  1
lost>declined                -                      -         declined  paid                0 0 0        0         2     refund.failed    0
lost>notSent>approved        -                      -         approved  partially_refunded  300 300 300  1         3     refund.refunded  1
late>declined                -                      -         approved  partially_refunded  300 300 300  1         2     refund.refunded  1
notSent>approved             -                      -         approved  partially_refunded  300 300 300  1         2     refund.refunded  1
notSent>notSent>declined     -                      -         declined  paid                0 0 0        0         3     refund.failed    0
`;

describe("refund: what becomes of it", () => {
  for (const [says = "", asked, caller, row, order, sums, executed, sent, event, entered] of table(answers)) {
    it(`channel ${says}, asked ${asked || "it tells the truth"}: ${row}, order ${order}`, async () => {
      const world = await paidWorld({
        alpha: {
          refund: says.split(">") as RefundScript[],
          ...(asked ? { inquireRefund: asked.split(">") as RefundInquiryScript[] } : {}),
        },
      });
      const runId = refund(world, "R-1", 300);
      await world.drain();
      assert.deepEqual(outcomeOf(world), {
        ...{ caller, refund: row, order, sums, executed: Number(executed), sent: Number(sent) },
        ...{ told: event, entered: Number(entered) },
      });
      assert.equal(world.stateOf(runId), row === "approved" ? "ended refunded" : "ended failed");
      assert.deepEqual(world.deadLetters(), []);
      assert.deepEqual(world.channels.beta.refunds.calls, [], "another channel has nothing to do with it");
      const ids = new Set(world.channels.alpha.refunds.calls.map(({ request }) => request.refundId));
      assert.equal(ids.size, 1, "every call carries the same number");
    });
  }

  const undecided = `
# channel  asked    refund   run
garbage    unknown  unknown  parked refund-undecided
pending    pending  pending  parked refund-undecided
notSent    -        notSent  parked refund-not-sent
`;
  for (const [says = "", asked, status, end] of table(undecided)) {
    it(`channel ${says}, asked ${asked || "nothing"}: nobody ever knows, and the amount stays reserved`, async () => {
      const world = await paidWorld({
        alpha: { refund: [says as RefundScript], inquireRefund: [(asked || "truth") as RefundInquiryScript] },
      });
      const runId = refund(world, "R-1", 300);
      await world.drain(30 * 24 * 3_600_000);
      assert.equal(world.stateOf(runId), end);
      assert.deepEqual([refunds(world)[0]?.["status"], ...sumsOf(world)], [status, 300, 0, 0]);
      assert.deepEqual(told(world), []);
    });
  }

  it("an unknown one is sent again only after the grace time", async () => {
    const world = await paidWorld({ alpha: { refund: ["garbage", "approved"], inquireRefund: ["absent"] } });
    refund(world, "R-1", 300);
    const { refunds: calls, manifest } = world.channels.alpha;
    await world.advance(manifest.graceMs - 1);
    assert.equal(calls.countOf("refund"), 1);
    assert.ok(calls.countOf("inquireRefund") > 1, "it was asked more than once");
    await world.drain();
    assert.equal(calls.countOf("refund"), 2);
  });

  it("the merchant is told as the API shows it, with the institution's words", async () => {
    const world = await paidWorld({ alpha: { refund: ["declined"] } });
    refund(world, "R-1", 300, { reason: "cold tea" });
    await world.drain();
    const [{ data } = { data: {} as Row }] = told(world);
    const { refundId, createdAt, updatedAt, error, ...rest } = data;
    assert.deepEqual(rest, {
      ...{ merchantRefundId: "R-1", orderId: world.order()?.["orderId"], merchantOrderId: "A-1" },
      ...{ amount: 300, currency: "CNY", status: "failed", reason: "cold tea" },
    });
    assert.equal(refundId, refunds(world)[0]?.["refundId"]);
    assert.ok(createdAt && updatedAt);
    const { code, detail } = error as { code: string; detail: string };
    assert.deepEqual([code, detail], ["refund_declined", "61 account closed"]);
  });
});

describe("refund: partial and repeated", () => {
  it("up to what was paid, and no further; the order says how far it is", async () => {
    const world = await paidWorld();
    const seen: unknown[] = [];
    for (const [id, amount] of [
      ["R-1", 600],
      ["R-2", 500],
      ["R-3", 400],
      ["R-4", 1],
    ] as const) {
      refund(world, id, amount);
      await world.drain();
      const { problem, fields } = world.replies.at(-1) ?? {};
      seen.push([problem?.code ?? fields?.["refundStatus"], world.order()?.["status"], ...sumsOf(world)]);
    }
    assert.deepEqual(seen, [
      ["refunded", "partially_refunded", 600, 600, 600],
      ["refund_exceeds_payment", "partially_refunded", 600, 600, 600],
      ["refunded", "refunded", 1000, 1000, 1000],
      ["refund_exceeds_payment", "refunded", 1000, 1000, 1000],
    ]);
  });

  it("what a decline has given free can be refunded by another one", async () => {
    const world = await paidWorld({ alpha: { refund: ["declined", "approved"] } });
    for (const id of ["R-1", "R-2"]) {
      refund(world, id, 1000);
      await world.drain();
    }
    assert.deepEqual(
      [world.order()?.["status"], ...sumsOf(world), world.channels.alpha.refunds.executed.length],
      ["refunded", 1000, 1000, 1000, 1],
    );
  });

  it("what is under way counts: nothing more is reserved than was paid", async () => {
    const world = await paidWorld({ alpha: { refund: ["pending"] } });
    refund(world, "R-1", 600);
    await world.settle();
    refund(world, "R-2", 600);
    await world.settle();
    assert.equal(world.replies.at(-1)?.problem?.code, "refund_exceeds_payment");
    assert.deepEqual([world.order()?.["status"], ...sumsOf(world)], ["paid", 600, 0, 0]);
  });

  for (const [amount, wins] of [
    [600, 1],
    [30, 33],
  ] as const) {
    it(`50 at once of ${amount} of 1000: ${wins} succeed, each was sent once, the others are refused`, async () => {
      const world = await paidWorld();
      const runs = Array.from({ length: 50 }, (_, index) => refund(world, `R-${index}`, amount));
      await world.drain();
      const ends = runs.map((runId) => world.stateOf(runId));
      assert.equal(ends.filter((end) => end === "ended refunded").length, wins);
      assert.equal(ends.filter((end) => end === "ended rejected").length, 50 - wins);
      assert.deepEqual(sumsOf(world), [amount * wins, amount * wins, amount * wins]);
      assert.equal(world.channels.alpha.refunds.calls.length, wins);
      assert.deepEqual([refunds(world).length, world.deadLetters().length], [wins, 0]);
    });
  }
});

describe("refund: the same merchantRefundId again", () => {
  const rows = `
# second   caller           end
same       refunded         ended repeated
amount     refund_mismatch  ended rejected
order      refund_mismatch  ended rejected
`;
  const changes: Readonly<Record<string, readonly [number, Row]>> = {
    same: [300, { reason: "other words" }],
    amount: [301, {}],
    order: [300, { merchantOrderId: "A-2" }],
  };
  for (const [change = "", caller, end] of table(rows)) {
    it(`${change}: ${caller}, one refund`, async () => {
      const world = await paidWorld();
      world.submit({ merchantOrderId: "A-2" });
      refund(world, "R-1", 300);
      await world.drain();
      const [amount, more] = changes[change] ?? [300, {}];
      const second = refund(world, "R-1", amount, more);
      await world.drain();
      const { problem, fields } = world.replies.at(-1) ?? {};
      assert.equal(problem?.code ?? fields?.["refundStatus"], caller);
      assert.equal(world.stateOf(second), end);
      assert.deepEqual([refunds(world).length, world.channels.alpha.refunds.executed.length], [1, 1]);
    });
  }

  it("at the same moment: one of them refunds, the other is answered with its refund", async () => {
    const world = await paidWorld();
    const runs = [refund(world, "R-1", 300), refund(world, "R-1", 300)];
    await world.drain();
    assert.deepEqual(runs.map((runId) => world.stateOf(runId)).sort(), ["ended refunded", "ended repeated"]);
    assert.deepEqual([...sumsOf(world), refunds(world).length], [300, 300, 300, 1]);
  });

  it("is answered with the refund also when nothing is left for a new one", async () => {
    const world = await paidWorld({ alpha: { refund: ["pending"] } });
    refund(world, "R-1", 1000);
    await world.settle();
    refund(world, "R-1", 1000);
    await world.settle();
    const { problem, fields } = world.replies.at(-1) ?? {};
    assert.deepEqual(
      [problem, fields?.["refundStatus"], fields?.["repeated"]],
      [undefined, "processing", true],
    );
  });

  it("of another merchant is another refund", async () => {
    const world = await paidWorld();
    const { businesses } = world.reference.merchants.get("m1")!;
    world.reference.merchants.set("m2", { merchantId: "m2", name: "Two", status: "active", businesses });
    world.submit({ merchantId: "m2" });
    await world.drain();
    refund(world, "R-1", 300);
    refund(world, "R-1", 400, { merchantId: "m2" });
    await world.drain();
    assert.deepEqual(
      refunds(world).map(({ amount }) => amount),
      [300, 400],
    );
  });
});

describe("refund: what is refused", () => {
  const rows: readonly (readonly [string, WorldOptions, Row, string])[] = [
    ["an order nobody has", {}, { merchantOrderId: "A-9" }, "not_found"],
    ["an order of another merchant", {}, { merchantId: "m2", merchantOrderId: "A-1" }, "not_found"],
    ["an order that failed", { alpha: { charge: ["declined"] } }, {}, "order_not_paid"],
    ["an order nobody has paid yet", { alpha: { charge: ["pending"] } }, {}, "order_not_paid"],
  ];
  for (const [what, options, more, code] of rows) {
    it(`${what}: ${code}, and nothing is sent`, async () => {
      const world = await World.create(options);
      world.submit();
      await world.settle();
      // Another merchant names the order by its id.
      const orderId = more["merchantId"] ? { orderId: world.order()?.["orderId"] } : {};
      const runId = refund(world, "R-1", 300, { ...more, ...orderId });
      await world.settle();
      assert.equal(world.replies.at(-1)?.problem?.code, code);
      assert.equal(world.stateOf(runId), "ended rejected");
      assert.deepEqual([refunds(world), world.channels.alpha.refunds.calls], [[], []]);
    });
  }
});

describe("refund: a process is killed", () => {
  const scripts: Readonly<Record<string, WorldOptions["alpha"]>> = {
    declined: { refund: ["declined"] },
    "silence after the refund": { refund: ["silence"] },
  };
  const traceOf = (world: World): Row => ({
    ...outcomeOf(world),
    caller: undefined,
    sent: undefined,
    told: new Set(world.webhooks.sent.map(({ webhookId }) => webhookId)).size,
    runs: world.database
      .rows("runs")
      .map(({ flow, state, reason }) => [flow, state, reason].join(" "))
      .sort(),
    messages: world.database.messages.size,
    dead: world.deadLetters().length,
  });
  async function play(alpha: WorldOptions["alpha"], dies: NonNullable<WorldOptions["dies"]>): Promise<World> {
    const world = await paidWorld(alpha ? { alpha } : {});
    await world.boot(dies);
    refund(world, "R-1", 300);
    await world.drainWithRestarts();
    return world;
  }
  for (const [name, script] of Object.entries(scripts)) {
    it(`channel says ${name}: at every crash point, the same end and at most one refund`, async () => {
      const reached: string[] = [];
      const undisturbed = await play(script, (point, { stage }) => {
        reached.push(`${point} ${stage ?? ""}`);
        return false;
      });
      assert.ok(reached.length > 10, "the run passes crash points");
      for (const [index, where] of reached.entries()) {
        let left = index;
        const disturbed = await play(script, () => left-- === 0);
        assert.deepEqual(traceOf(disturbed), traceOf(undisturbed), `killed at ${where} (${index})`);
      }
    });
  }
});
