import assert from "node:assert/strict";
import { orderFields, paymentFields } from "../../atoms/rows.js";
import { lateTidings } from "../../atoms/tidings.js";
import { limits } from "../../engine/limits.js";
import { signalMessage } from "../../engine/runtime/publications.js";
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
      ["late", "taken"],
    );
  });

  /** Declined, charged all the same, and the callback's signal is on its way: it gets there `when`. */
  async function chargedAfterAll(when: "as the run ends" | "afterwards"): Promise<World> {
    const world = await World.create({ alpha: { charge: ["declined"] } });
    const runId = world.submit();
    const notified = (): void => {
      const [order, payment] = [world.order() ?? {}, world.payments()[0] ?? {}];
      world.channels.alpha.chargesAnyway(String(payment["paymentId"]));
      const otherwise = lateTidings({ ...orderFields(order), ...paymentFields(payment) });
      const signal = { signalId: world.random.id(), runId, signal: "channel.notified", fields: {} };
      if (when === "afterwards") return world.publish(signalMessage({ ...signal, otherwise }));
      const row = { ...signal, otherwise, state: "pending", givenAt: world.clock.nowMs() };
      const set = { signalsGiven: Number(world.run(runId)["signalsGiven"]) + 1 };
      const key = { runId };
      void world.database.write([
        {
          writes: [
            { kind: "insert", table: "signals", exists: "conflict", row },
            { kind: "transition", table: "runs", key, from: ["open"], to: "open", set },
          ],
          publish: [],
        },
      ]);
    };
    let given = false;
    if (when === "as the run ends")
      world.database.beforeWrite = (units) => {
        const ends = units.some(({ writes }) =>
          writes.some(({ table }) => table === "runs" && world.order()),
        );
        if (!ends || given) return;
        given = true;
        notified();
      };
    await world.settle();
    if (when === "afterwards") notified();
    await world.drain();
    assert.equal(world.stateOf(runId), "ended failed");
    return world;
  }

  for (const when of ["as the run ends", "afterwards"] as const)
    it(`that comes ${when}, about a payment that was declined: it is asked about, and the money goes back`, async () => {
      const world = await chargedAfterAll(when);
      assert.deepEqual(
        world.channels.alpha.refunds.executed.map(({ amountMinor }) => amountMinor),
        [1000],
      );
      const [payment] = world.payments();
      assert.deepEqual([payment?.["status"], payment?.["surplus"]], ["approved", true]);
      assert.deepEqual(world.deadLetters(), []);
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
