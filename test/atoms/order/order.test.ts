import assert from "node:assert/strict";
import { dictionary } from "../../../atoms/fields.js";
import { moves, nowMs, runAtom, runId } from "../../support/memory/atoms.js";
import { table } from "../../support/memory/table.js";

const orderId = "471d5dcf-de16-876c-a3be-c26bd17fd161";
const paymentId = "019ca8d7-2d00-7907-b6ff-2ad9d2bf9188";
const order = {
  ...{ merchantId: "m1", merchantOrderId: "A-1", orderId, type: "pay", amount: 1000, currency: "CNY" },
  subject: "tea",
};

describe("order.settle", () => {
  const rows = `
# channel says  code  words           problem before  outcome  order moves                              error
approved        -     -               -               paid     processing,requires_action>paid          -
approved        51    stale words     no_route        paid     processing,requires_action>paid          -
declined        51    no money        -               failed   processing,requires_action>failed        channel_declined: 51 no money
declined        -     -               -               failed   processing,requires_action>failed        channel_declined: the channel gave no reason
declined        -     -               no_route        failed   processing,requires_action>failed        channel_declined: the channel gave no reason
notSent         -     -               no_route        failed   processing,requires_action>failed        no_route: nobody
notSent         -     -               -               failed   processing,requires_action>failed        no_route: channel alpha could not be reached
`;
  for (const [said, channelCode, channelMessage, before, outcome, moved, error] of table(rows))
    it(`channel says ${said}, ${before || "no problem"} before: ${outcome}`, async () => {
      const problem = { type: "t", title: "t", status: 422, code: before, detail: "nobody" };
      const result = await runAtom("order.settle", {
        ...{ orderId, paymentId, channel: "alpha", channelResult: said, channelCode, channelMessage },
        ...(before ? { problem } : {}),
      });
      assert.equal(result.outcome, outcome);
      assert.deepEqual(moves(result), [`orders ${moved}`]);
      const [write] = result.writes ?? [];
      const set = write?.kind === "transition" ? write.set : undefined;
      const kept = set?.["error"] as { code: string; detail: string } | null;
      assert.equal(kept ? `${kept.code}: ${kept.detail}` : "", error);
      assert.equal(set?.["paidBy"], outcome === "paid" ? paymentId : null);
      assert.equal(set?.["action"], null, "nothing is left for the payer to do");
    });

  for (const channelResult of ["pending", "unknown", "absent", "moved"])
    it(`refuses to decide on ${channelResult}`, async () => {
      await assert.rejects(
        runAtom("order.settle", { orderId, paymentId, channel: "alpha", channelResult }),
        /cannot be settled/,
      );
    });

  it("knows every result the dictionary has", () => {
    const known = ["approved", "declined", "notSent", "pending", "unknown", "absent", "moved"];
    assert.deepEqual([...dictionary.channelResult.schema.enum].sort(), known.sort());
  });
});

describe("order.log", () => {
  it("inserts the order under its derived id, or conflicts", async () => {
    const result = await runAtom("order.log", { ...order, expiresInSeconds: 60 });
    assert.deepEqual(moves(result), ["orders +processing conflict"]);
    const [write] = result.writes ?? [];
    const row = write?.kind === "insert" ? write.row : {};
    assert.deepEqual(
      [row["orderId"], row["runId"], row["expiresAt"], row["createdAt"]],
      [orderId, runId, nowMs + 60_000, nowMs],
    );
    assert.equal("expiresInSeconds" in row, false);
  });

  it("without a deadline has none", async () => {
    const [write] = (await runAtom("order.log", order)).writes ?? [];
    assert.equal(write?.kind === "insert" && write.row["expiresAt"], null);
  });
});

describe("order.recall", () => {
  const stored = {
    ...order,
    status: "failed",
    channel: "alpha",
    channelOrderId: null,
    action: null,
    createdAt: 1,
    updatedAt: 2,
  };
  const error = { code: "channel_declined" };
  const problem = { code: "no_route" };
  const rows: readonly (readonly [string, object, object | undefined, string])[] = [
    ["the same order", {}, { ...stored, error }, "ok"],
    ["another amount", { amount: 1001 }, stored, "rejected"],
    ["another currency", { currency: "EUR" }, stored, "rejected"],
    ["another type", { type: "topup" }, stored, "rejected"],
    ["no order, and a reason to refuse", { problem }, undefined, "absent"],
  ];
  for (const [what, change, row, outcome] of rows)
    it(`${what}: ${outcome}`, async () => {
      const find = async () => row as never;
      const result = await runAtom("order.recall", { ...order, ...change }, { ports: { rows: { find } } });
      assert.equal(result.outcome, outcome);
      if (outcome === "rejected")
        assert.equal((result.fields?.["problem"] as { code: string }).code, "order_mismatch");
      if (outcome !== "ok") return;
      assert.deepEqual(result.fields, {
        ...{ repeated: true, orderStatus: "failed", orderCreatedAt: 1, orderUpdatedAt: 2, channel: "alpha" },
        problem: error,
      });
    });

  it("no order and no reason is a defect: the conflict came from somewhere", async () => {
    const find = async () => undefined;
    await assert.rejects(runAtom("order.recall", order, { ports: { rows: { find } } }), /cannot be found/);
  });
});

describe("order.present", () => {
  it("shows the payer's next step, if there is one", async () => {
    const action = { kind: "qr", content: "scan" };
    const fields = { orderId, channel: "alpha", orderStatus: "processing" };
    const shown = await runAtom("order.present", { ...fields, action });
    assert.deepEqual(moves(shown), ["orders processing,requires_action>requires_action"]);
    assert.equal(shown.fields?.["orderStatus"], "requires_action");
    const silent = await runAtom("order.present", fields);
    assert.deepEqual(moves(silent), ["orders processing,requires_action>processing"]);
  });
});

describe("order.announce", () => {
  const decided = {
    ...order,
    orderStatus: "paid",
    orderCreatedAt: 1,
    orderUpdatedAt: 2,
    paymentId,
    channel: "alpha",
  };

  it("tells the topic of the status, under one notification id per step", async () => {
    const once = await runAtom("order.announce", decided);
    const again = await runAtom("order.announce", decided);
    assert.equal(once.events?.[0]?.topic, "order.paid");
    assert.equal(once.events?.[0]?.fields["notificationId"], again.events?.[0]?.fields["notificationId"]);
  });

  it("a paid order has no error, whatever went wrong on the way; a failed one has", async () => {
    const problem = { code: "no_route" };
    const paid = await runAtom("order.announce", { ...decided, problem });
    const failed = await runAtom("order.announce", { ...decided, orderStatus: "failed", problem });
    assert.equal(paid.events?.[0]?.fields["problem"], undefined);
    assert.equal(failed.events?.[0]?.fields["problem"], problem);
  });
});
