import assert from "node:assert/strict";
import { limits } from "../../engine/limits.js";
import { table } from "../support/memory/table.js";
import { World } from "../support/memory/world.js";

/** `names`: the payment in the callback; `asked`: inquiries that follow; `answer`: to the institution. */
const rows = `
# signature  names    channel  end           answer  asked
genuine      ours     alpha    ended taken   200     1
forged       ours     alpha    ended forged  401     0
genuine      another  alpha    ended stray   200     0
genuine      no-id    alpha    ended stray   200     0
genuine      ours     beta     ended stray   200     0
`;
const named: Readonly<Record<string, string>> = {
  another: "019ca8d7-2d00-7000-8000-000000000017",
  "no-id": "17",
};

describe("callback", () => {
  for (const [signature = "", names = "", channel = "", end, answer, asked] of table(rows)) {
    it(`${signature}, names ${names}, through ${channel}: ${end}, answered ${answer}, asked ${asked}`, async () => {
      const world = await World.create({ alpha: { charge: ["pending"], inquire: ["pending"] } });
      world.submit();
      await world.settle();
      const callback = world.callback(named[names] ?? String(world.payments()[0]?.["paymentId"]), {
        signature,
        channel,
      });
      await world.settle();
      assert.equal(world.stateOf(callback), end);
      const reply = world.replies.find(({ correlationId }) => correlationId === callback);
      assert.equal((reply?.fields["callbackReply"] as { status: number }).status, Number(answer));
      assert.equal(world.channels.alpha.countOf("inquire"), Number(asked));
      assert.deepEqual(world.deadLetters(), []);
    });
  }

  it("twice: each is a reason to ask, the order is paid once", async () => {
    const world = await World.create({ alpha: { charge: ["pending"] } });
    const runId = world.submit({ notifyUrl: "https://merchant.example/n" });
    await world.settle();
    const paymentId = String(world.payments()[0]?.["paymentId"]);
    world.channels.alpha.payerPays(paymentId);
    world.callback(paymentId);
    world.callback(paymentId);
    await world.drain();
    assert.equal(world.stateOf(runId), "ended paid");
    assert.equal(world.webhooks.sent.length, 1);
    assert.deepEqual(
      world.database
        .rows("signals")
        .map(({ state }) => state)
        .sort(),
      ["pending", "taken"],
    );
  });

  it("before the charge has answered: the payment is decided without waiting for a timer", async () => {
    const world = await World.create({ alpha: { charge: ["lost"], inquire: ["unknown", "approved"] } });
    const runId = world.submit();
    await world.settle();
    world.callback(String(world.payments()[0]?.["paymentId"]));
    // The charge gives up when its send window ends, is asked about once, and the signal that waits ends the hold.
    await world.advance(limits.sendWindowMs);
    assert.equal(world.stateOf(runId), "ended paid");
    assert.deepEqual(
      world.database.rows("signals").map(({ state }) => state),
      ["taken"],
    );
  });
});
