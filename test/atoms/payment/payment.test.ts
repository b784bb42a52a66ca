import assert from "node:assert/strict";
import { moves, nowMs, runAtom, runId } from "../../support/memory/atoms.js";
import { table } from "../../support/memory/table.js";
import { World } from "../../support/memory/world.js";

const paymentId = "019ca8d7-2d00-7907-b6ff-2ad9d2bf9188";

describe("payment.close", () => {
  for (const [closeResult, match] of [
    ["closed", undefined],
    ["absent", { sentAt: 17 }],
  ] as const)
    it(`${closeResult}: ${match ? "unless it was sent again since it was asked about" : "whenever it was sent"}`, async () => {
      const [write] = (await runAtom("payment.close", { paymentId, closeResult, sentAt: 17 })).writes ?? [];
      assert.deepEqual(write?.kind === "transition" && [write.to, write.match], ["closed", match]);
    });
});

describe("payment.record", () => {
  const rows = `
# channel says  payment becomes
approved        approved
declined        declined
pending         pending
notSent         notSent
unknown         unknown
absent          unknown
`;
  for (const [channelResult, status] of table(rows))
    it(`${channelResult}: ${status}, with the evidence`, async () => {
      const result = await runAtom("payment.record", {
        ...{ paymentId, channelResult, channelAsked: "inquiry", channelCode: "17", channelMessage: "words" },
      });
      assert.deepEqual(moves(result), [`payments created,sending,pending,unknown,notSent>${status}`]);
      const [write] = result.writes ?? [];
      assert.deepEqual(write?.kind === "transition" && write.set?.["evidence"], {
        ...{ by: "inquiry", result: channelResult, code: "17", message: "words", at: nowMs },
      });
    });

  it("moved: another channel has it under the same number, unless it was sent before", async () => {
    const result = await runAtom("payment.record", {
      ...{ paymentId, channel: "beta", channelResult: "moved", channelAsked: "switch" },
      ...{ channelCode: "", channelMessage: "channel alpha is redirected to beta" },
    });
    assert.deepEqual(moves(result), ["payments created,notSent>created"]);
    const [write] = result.writes ?? [];
    assert.equal(write?.kind === "transition" && write.set?.["channel"], "beta");
  });

  for (const [first, second] of [
    ["approved", "declined"],
    ["approved", "unknown"],
    ["declined", "approved"],
    ["declined", "pending"],
  ] as const)
    it(`a payment that is ${first} never becomes ${second}`, async () => {
      const world = await World.create({ alpha: { charge: [first] } });
      world.submit();
      await world.drain();
      const { paymentId: id } = world.payments()[0] ?? {};
      const { writes = [] } = await runAtom("payment.record", {
        ...{ paymentId: id, channelResult: second, channelAsked: "callback" },
      });
      assert.deepEqual(await world.host.store.commit({ writes, publish: [] }), {
        ...{ result: "conflict", table: "payments" },
      });
      assert.equal(world.payments()[0]?.["status"], first);
    });
});

describe("payment.open", () => {
  const fields = { orderId: "o", amount: 1000, currency: "CNY", channel: "alpha", routeRule: "all" };

  it("opens the first attempt, and the one after the last", async () => {
    for (const [attempt, next] of [
      [undefined, 1],
      [1, 2],
      [7, 8],
    ] as const) {
      const result = await runAtom("payment.open", { ...fields, ...(attempt ? { attempt } : {}) });
      assert.deepEqual(moves(result), ["payments +created conflict"]);
      assert.equal(result.fields?.["attempt"], next);
    }
  });

  it("names it the same when the step runs again: it is the channel's idempotency key", async () => {
    const ids = [await runAtom("payment.open", fields), await runAtom("payment.open", fields)].map(
      ({ fields: written }) => written?.["paymentId"],
    );
    assert.equal(ids[0], ids[1]);
    const [write] = (await runAtom("payment.open", fields)).writes ?? [];
    assert.deepEqual(write?.kind === "insert" && [write.row["paymentId"], write.row["runId"]], [
      ids[0],
      runId,
    ]);
  });
});
