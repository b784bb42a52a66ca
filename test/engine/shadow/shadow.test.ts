import assert from "node:assert/strict";
import type { ChargeScript, InquiryScript } from "../../../adapters/memory/channel.js";
import type { ShadowReport, ShadowRun } from "../../../engine/shadow/shadow.js";
import { recordedRuns, shadowOf } from "../../support/memory/recordings.js";
import { notifyUrl, paidWorld, refund } from "../../support/memory/refunds.js";
import { World } from "../../support/memory/world.js";
import { changed, shippedFiles } from "../../support/shipped.js";

const shipped = Object.fromEntries(shippedFiles.map(({ path, text }) => [path, text]));
type Stages = Record<string, { on: Record<string, string>; timeoutMs?: number } & Record<string, unknown>>;
const withStages = (file: string, change: (stages: Stages) => void): Record<string, string> =>
  changed(file, (flow) => change(flow["stages"] as Stages));
const withSteps = (file: string, change: (steps: object[]) => void): Record<string, string> =>
  changed(file, (transaction) => change(transaction["steps"] as object[]));

const countsOf = ({ same, differs, unknown }: ShadowReport) => ({ same, differs, unknown });
const only = ({ runs }: ShadowReport): ShadowRun => {
  assert.equal(runs.length, 1);
  return runs[0]!;
};
const waysOf = (run: ShadowRun): string => run.replayed.path.map(({ stage }) => stage).join(" ");
const whyOf = (report: ShadowReport): string => {
  const run = only(report);
  return run.verdict === "unknown" ? `${run.stage}: ${run.why}` : run.verdict;
};

/** What the channel says to a charge, what it says when it is asked, and how the run ends. */
const payments: readonly (readonly [readonly ChargeScript[], readonly InquiryScript[], string])[] = [
  [["approved"], ["truth"], "end:paid"],
  [["declined"], ["truth"], "end:failed"],
  [["silence"], ["truth"], "end:paid"],
  [["lost", "approved"], ["truth"], "end:paid"],
  [["pending"], ["pending", "approved"], "end:paid"],
  [["pending"], ["pending", "declined"], "end:failed"],
  [["notSent", "approved"], ["truth"], "end:paid"],
  [["garbage"], ["unknown", "approved"], "end:paid"],
];

describe("shadow replay: definitions that change nothing", () => {
  for (const [charge, inquire, end] of payments) {
    it(`pay, channel ${charge.join(">")}, asked ${inquire.join(">")}: the same again, to ${end}`, async () => {
      const world = await World.create({ alpha: { charge, inquire } });
      world.submit({ notifyUrl, metadata: { table: "7" } });
      await world.drain();
      const report = await shadowOf(world, "pay", shipped);
      const run = only(report);
      assert.deepEqual([run.verdict, run.recorded.end], ["same", end], whyOf(report));
      assert.deepEqual(run.replayed, run.recorded);
    });
  }

  it("a merchant who comes back, one who never does, one who wants nothing", async () => {
    for (const [statuses, url, end] of [
      [[500, 200], notifyUrl, "end:delivered"],
      [[500], notifyUrl, "end:failed"],
      [[200], undefined, "end:unwanted"],
    ] as const) {
      const world = await World.create();
      world.webhooks.statuses = statuses;
      world.submit(url === undefined ? {} : { notifyUrl: url });
      await world.drain();
      for (const flow of ["notify", "accounting"]) {
        const report = await shadowOf(world, flow, shipped);
        assert.deepEqual(countsOf(report), { same: 1, differs: 0, unknown: 0 }, whyOf(report));
        if (flow === "notify") assert.equal(only(report).replayed.end, end);
      }
    }
  });

  it("refunds: executed, declined, too much, repeated, asked about", async () => {
    const world = await paidWorld({ alpha: { refund: ["approved", "declined", "silence"] } });
    for (const [reference, amount] of [
      ["R-1", 100],
      ["R-2", 100],
      ["R-3", 100],
      ["R-4", 5000],
      ["R-1", 100],
    ] as const) {
      refund(world, reference, amount);
      await world.drain();
    }
    const report = await shadowOf(world, "refund", shipped);
    assert.deepEqual(countsOf(report), { same: 5, differs: 0, unknown: 0 }, JSON.stringify(report.runs));
    assert.deepEqual(report.runs.map(({ replayed }) => replayed.end).sort(), [
      ...["end:failed", "end:refunded", "end:refunded", "end:rejected", "end:repeated"],
    ]);
  });

  it("two submissions of one order: the race that was lost is lost again", async () => {
    const world = await World.create();
    world.submit();
    world.submit();
    await world.drain();
    const report = await shadowOf(world, "pay", shipped);
    assert.deepEqual(countsOf(report), { same: 2, differs: 0, unknown: 0 }, JSON.stringify(report.runs));
    assert.deepEqual(report.runs.map(({ replayed }) => replayed.end).sort(), ["end:paid", "end:repeated"]);
  });

  it("a callback: the signal it gave ends the wait again", async () => {
    const world = await World.create({ alpha: { charge: ["pending"], inquire: ["approved"] } });
    world.submit();
    await world.settle();
    world.callback(String(world.payments()[0]?.["paymentId"]));
    await world.drain();
    for (const flow of ["pay", "callback"]) {
      const report = await shadowOf(world, flow, shipped);
      assert.deepEqual(countsOf(report), { same: 1, differs: 0, unknown: 0 }, whyOf(report));
    }
    const report = await shadowOf(world, "pay", shipped);
    assert.ok(only(report).replayed.path.some(({ outcome }) => outcome === "channel.notified"));
  });
});

describe("shadow replay: definitions that change something", () => {
  const limited = withSteps("transactions/order.accept.json", (steps) => {
    steps.splice(1, 0, { atom: "risk.limit", with: { amountMinorMax: 500 }, when: "amount > 100" });
  });

  it("a limit turns away the orders above it, at the stage where it stands, and no others", async () => {
    const world = await World.create();
    world.submit({ merchantOrderId: "A-1", amount: 400 });
    world.submit({ merchantOrderId: "A-2", amount: 600 });
    await world.drain();
    const { runs, ...report } = await shadowOf(world, "pay", limited);
    assert.deepEqual([report.same, report.differs, report.unknown], [1, 1, 0], JSON.stringify(runs));
    const run = runs.find(({ verdict }) => verdict === "differs");
    assert.ok(run?.verdict === "differs");
    const { difference } = run;
    assert.deepEqual([difference.kind, difference.stage, difference.at], ["path", "intake", 0]);
    assert.deepEqual([difference.before["outcome"], difference.after["outcome"]], ["ok", "rejected"]);
  });

  it("another way out of a stage: the new path and its end are told", async () => {
    const world = await World.create();
    world.submit();
    await world.drain();
    const files = withStages("pay.flow.json", (stages) => {
      stages["charge"]!.on["approved"] = "park:review";
    });
    const run = only(await shadowOf(world, "pay", files));
    assert.ok(run.verdict === "differs");
    assert.deepEqual([run.recorded.end, run.replayed.end], ["end:paid", "park:review"]);
    assert.equal(run.difference.stage, "charge");
  });

  it("the same way, but somebody is not told any more", async () => {
    const world = await World.create();
    world.submit();
    await world.drain();
    const files = changed("accounting.flow.json", (flow) => {
      flow["subscribe"] = ["payment.surplus"];
    });
    const run = only(await shadowOf(world, "pay", files));
    assert.ok(run.verdict === "differs");
    const { kind, stage, before, after } = run.difference;
    assert.deepEqual([kind, stage], ["starts", "settle"]);
    assert.deepEqual(before["starts"], ["flow accounting", "flow notify"]);
    assert.deepEqual(after["starts"], ["flow notify"]);
  });

  it("a preset of the type reaches the fields, and what is sensitive in them stays masked", async () => {
    const world = await World.create();
    world.submit();
    await world.drain();
    const files = changed("types.json", (types) => {
      types["pay"] = { flow: "pay", title: "Payment", set: { business: "topup" } };
    });
    const run = only(await shadowOf(world, "pay", files));
    assert.ok(run.verdict === "differs");
    const { kind, before, after } = run.difference;
    assert.deepEqual([kind, before, after], ["fields", { business: "pay" }, { business: "topup" }]);
  });
});

describe("shadow replay: what nobody can know", () => {
  const paid = async (): Promise<World> => {
    const world = await World.create();
    world.submit({ notifyUrl });
    await world.drain();
    return world;
  };

  it("a call that was never made has no answer", async () => {
    const world = await paid();
    const files = withStages("pay.flow.json", (stages) => {
      stages["charge"]!.on["approved"] = "resolve";
    });
    const report = await shadowOf(world, "pay", files);
    const run = only(report);
    // That it goes another way is certain; how it ends is not.
    assert.equal(run.verdict, "differs", whyOf(report));
    assert.equal(run.replayed.end, undefined);
    assert.equal(waysOf(run), "intake charge");
  });

  it("another external atom in a stage: it was never asked there", async () => {
    const world = await paid();
    const asking = withSteps("transactions/channel.charge.json", (steps) => {
      steps[2] = { atom: "channel.inquire" };
    });
    const { "pay.flow.json": flow = "" } = withStages("pay.flow.json", ({ charge }) => {
      delete charge!.on["notSent"];
      Object.assign(charge!.on, { undecided: "park:undecided", absent: "park:undecided" });
    });
    const why = whyOf(await shadowOf(world, "pay", { ...asking, "pay.flow.json": flow }));
    assert.match(why, /^charge: channel\.inquire would be asked in stage charge, which was never recorded$/);
  });

  it("rows of others as they were then", async () => {
    const world = await paid();
    const files = withSteps("transactions/order.settle.json", (steps) => {
      steps.unshift({ atom: "order.find" });
    });
    const result = await shadowOf(world, "pay", {
      ...files,
      ...withStages("pay.flow.json", (stages) => {
        stages["settle"]!.on["rejected"] = "park:gone";
      }),
      "transactions/order.settle.json": files["transactions/order.settle.json"]!,
    });
    assert.match(whyOf(result), /^settle: order\.find would be asked in stage settle/);
  });

  it("a shorter wait is over before what ended it", async () => {
    const world = await World.create({ alpha: { charge: ["pending"], inquire: ["approved"] } });
    world.submit();
    await world.settle();
    await world.advance(4_000);
    world.callback(String(world.payments()[0]?.["paymentId"]));
    await world.drain();
    // Timers are late by a moment; this one would have to be late by more.
    const [run] = recordedRuns(world, "pay");
    const late = run!.journal.map((point) => ({ ...point, atMs: point.atMs + (point.hop > 2 ? 10_000 : 0) }));
    const files = withStages("pay.flow.json", (stages) => {
      stages["await"]!.timeoutMs = 1_000;
      delete stages["await"]!["timeoutField"];
    });
    const report = await shadowOf(world, "pay", files, { runs: [{ ...run!, journal: late }] });
    assert.match(whyOf(report), /^await: the wait await would be over before channel\.notified came$/);
  });

  it("a run whose input was not kept", async () => {
    const world = await paid();
    const [run] = recordedRuns(world, "pay");
    const journal = run!.journal.map((point) => {
      const { input: _input, ...data } = point.data;
      return { ...point, data };
    });
    const report = await shadowOf(world, "pay", shipped, { runs: [{ ...run!, journal }] });
    assert.match(whyOf(report), /what the run began with was not kept/);
  });

  it("reference data that has changed since is not taken for a change of the definitions", async () => {
    const world = await paid();
    world.reference.merchants.set("m1", { merchantId: "m1", name: "One", status: "frozen", businesses: [] });
    const report = await shadowOf(world, "pay", shipped);
    assert.match(whyOf(report), /^intake: reference data or people have led it elsewhere: intake ok then/);
  });

  it("a field the request never had", async () => {
    const world = await paid();
    const files = changed("pay.flow.json", (flow) => {
      (flow["input"] as string[]).push("returnUrl");
      flow["optional"] = (flow["optional"] as string[]).filter((name) => name !== "returnUrl");
    });
    assert.match(whyOf(await shadowOf(world, "pay", files)), /the request had no returnUrl/);
  });
});

describe("shadow replay: what it leaves behind", () => {
  it("nothing: no row, no message, no call, no notification", async () => {
    const world = await paidWorld({ alpha: { charge: ["silence"], refund: ["approved"] } });
    refund(world, "R-1", 100);
    await world.drain();
    const seen = () => ({
      rows: [
        "runs",
        "orders",
        "payments",
        "refunds",
        "notifications",
        "signals",
        "timers",
        "accountingFeed",
      ].map((name) => world.database.rows(name)),
      journal: world.database.journal.size,
      messages: world.database.messages.size,
      calls: [world.channels.alpha.calls.length, world.channels.alpha.refunds.executed.length],
      told: world.webhooks.sent.length,
      replies: world.replies.length,
    });
    const before = structuredClone(seen());
    for (const flow of ["pay", "refund", "notify", "notify-refund", "accounting", "accounting-refund"]) {
      const report = await shadowOf(world, flow, shipped);
      assert.equal(report.same, report.runs.length, `${flow} ${JSON.stringify(report.runs)}`);
      assert.ok(report.same > 0, flow);
    }
    assert.deepEqual(seen(), before);
  });

  it("begins no further run when its time is over or nobody waits any more", async () => {
    const world = await paidWorld();
    const gone = AbortSignal.abort();
    for (const options of [{ budgetMs: 0 }, { signal: gone }]) {
      const { runs, left } = await shadowOf(world, "pay", shipped, options);
      assert.deepEqual([runs.length, left], [0, 1]);
    }
  });

  it("a flow that the definitions do not have is refused", async () => {
    const world = await paidWorld();
    const { "late.flow.json": _late, ...rest } = shipped;
    await assert.rejects(shadowOf(world, "late", rest), { code: "field_invalid" });
  });
});
