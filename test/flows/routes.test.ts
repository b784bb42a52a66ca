import assert from "node:assert/strict";
import type { ChannelFacts } from "../../engine/ports/reference.js";
import { factsOf } from "../../adapters/memory/facts.js";
import { table } from "../support/memory/table.js";
import { World, type WorldOptions } from "../support/memory/world.js";

/**
 * What becomes of an order whose channel alpha changes after it was chosen and before anything was sent. `alpha`,
 * `beta`: switch, presence or breaker; `driver`: the process that takes the charge has alpha's driver, or stands in.
 * `later`: the order once alpha is open again and its own module is back.
 */
const changes = `
# alpha             policy   driver  beta      order       payments          charged  later  at
closed              reroute  yes     open      paid        notSent approved  beta     paid   beta
closed              reroute  no      open      paid        notSent approved  beta     paid   beta
closed              reroute  yes     closed    processing  created           -        paid   alpha
closed              reroute  yes     missing   processing  created           -        paid   alpha
closed              stay     yes     open      processing  created           -        paid   alpha
draining            reroute  yes     open      paid        approved          alpha    paid   alpha
redirect            reroute  yes     open      paid        approved          beta     paid   beta
redirect            stay     no      open      paid        approved          beta     paid   beta
redirect            stay     yes     closed    processing  created           -        paid   alpha
gone                reroute  no      open      paid        notSent approved  beta     paid   beta
missing             reroute  no      open      paid        notSent approved  beta     paid   beta
missing             reroute  no      closed    processing  created           -        paid   alpha
missing             stay     no      open      processing  created           -        paid   alpha
missing             reroute  yes     open      paid        approved          alpha    paid   alpha
open                reroute  no      open      processing  created           -        paid   alpha
tripped             stay     yes     open      processing  created           -        paid   alpha
tripped             reroute  yes     open      paid        approved          alpha    paid   alpha
`;

function changed(channel: string, what: string, policy = "reroute"): ChannelFacts {
  const waiting = policy as ChannelFacts["waiting"];
  if (what === "gone" || what === "missing") return factsOf(channel, { presence: what, waiting });
  if (what === "tripped") return factsOf(channel, { breaker: "open", waiting });
  const redirect = what === "redirect" ? { redirectTo: "beta" } : {};
  return factsOf(channel, { switch: what as ChannelFacts["switch"], waiting, ...redirect });
}

/** The switch moves when the order has been logged and its charge is queued. */
async function closing(facts: readonly ChannelFacts[], options: WorldOptions = {}): Promise<World> {
  const world = await World.create({ ...options, apart: true });
  const { reference } = world;
  const open = reference.facts;
  reference.channels = async () => (world.order() === undefined ? open : facts);
  return world;
}

function reopen({ reference, fronted }: World): void {
  reference.channels = async () => ["alpha", "beta"].map((channel) => factsOf(channel));
  fronted.add("alpha");
}

const charged = ({ channels: { alpha, beta } }: World): string =>
  [...alpha.charged.map(() => "alpha"), ...beta.charged.map(() => "beta")].join(" ");
const payments = (world: World): string =>
  world
    .payments()
    .map(({ status }) => status)
    .join(" ");

describe("pay: the channel's switch is read again before anything is sent", () => {
  for (const [alpha = "", policy, driver, beta = "", order, attempts, charges, later, at] of table(changes)) {
    const given = `alpha ${alpha} (${policy ?? ""}), ${driver === "yes" ? "its own module" : "a stand-in"}, beta ${beta}`;
    it(`${given}: ${order ?? ""}, charged ${charges || "nowhere"}; reopened: ${later ?? ""} at ${at ?? ""}`, async () => {
      const world = await closing([changed("alpha", alpha, policy), changed("beta", beta)]);
      if (driver === "no") world.fronted.delete("alpha");
      const runId = world.submit();
      await world.advance(60_000);
      assert.deepEqual(
        [world.order()?.["status"], payments(world), charged(world)],
        [order, attempts, charges],
      );
      // However long it waits, that is not the message's fault.
      for (const { deliveryCount } of world.database.messages.values()) assert.ok(deliveryCount <= 1);
      reopen(world);
      await world.drain();
      assert.deepEqual([world.order()?.["status"], charged(world)], [later, at]);
      assert.equal(world.stateOf(runId), "ended paid");
      assert.equal(world.order()?.["channel"], at);
      assert.deepEqual(world.deadLetters(), []);
    });
  }

  it("an attempt that goes elsewhere leaves the evidence that nothing was sent", async () => {
    const world = await closing([changed("alpha", "closed"), changed("beta", "open")]);
    world.submit();
    await world.drain();
    const [first, second] = world.payments();
    const { at: _at, ...evidence } = first?.["evidence"] as Record<string, unknown>;
    assert.deepEqual(evidence, {
      ...{ by: "switch", result: "notSent", code: "", message: "channel alpha is closed" },
    });
    assert.deepEqual([first?.["channel"], second?.["channel"]], ["alpha", "beta"]);
    assert.deepEqual(world.channels.alpha.calls, []);
  });

  it("a redirect moves the attempt under its own number, in one commit and without a second attempt", async () => {
    const world = await closing([changed("alpha", "redirect"), changed("beta", "open")]);
    const runId = world.submit();
    await world.drain();
    assert.deepEqual(
      world.payments().map(({ channel, attempt }) => [channel, attempt]),
      [["beta", 1]],
    );
    assert.deepEqual(world.journalOf(runId), [
      "0.4 end intake ok",
      "1.4 end charge redirected",
      "2.2 intent charge",
      "2.4 end charge approved",
      "3.3 end settle paid",
    ]);
  });

  it("an order that names its channel goes nowhere else, and waits", async () => {
    const world = await closing([changed("alpha", "closed"), changed("beta", "open")]);
    world.submit({ channel: "alpha" });
    await world.advance(60_000);
    assert.deepEqual([world.order()?.["status"], payments(world)], ["processing", "created"]);
    reopen(world);
    await world.drain();
    assert.deepEqual([world.order()?.["status"], charged(world)], ["paid", "alpha"]);
  });

  it("the happy path has no commit more than before", async () => {
    const world = await World.create();
    const runId = world.submit();
    await world.drain();
    assert.deepEqual(world.journalOf(runId), [
      "0.4 end intake ok",
      "1.2 intent charge",
      "1.4 end charge approved",
      "2.3 end settle paid",
    ]);
  });
});

describe("pay: what was sent once goes nowhere else", () => {
  const positions: readonly (readonly [string, string])[] = [
    ["closed", "reroute"],
    ["closed", "stay"],
    ["redirect", "reroute"],
    ["gone", "reroute"],
  ];
  for (const [what, policy] of positions)
    it(`alpha ${what} (${policy}) before it is sent again: it waits, and alpha charges it when it is back`, async () => {
      const world = await World.create({ alpha: { charge: ["lost", "approved"] } });
      const { alpha, beta } = world.channels;
      world.submit();
      await world.settle();
      world.reference.facts = [changed("alpha", what, policy), changed("beta", "open")];
      if (what === "gone") world.fronted.delete("alpha");
      await world.advance(600_000);
      assert.equal(alpha.countOf("charge"), 1);
      assert.ok(alpha.countOf("inquire") > 0, "finding out goes on");
      assert.equal(payments(world), "unknown");
      reopen(world);
      await world.drain();
      assert.deepEqual([world.order()?.["status"], charged(world), beta.calls], ["paid", "alpha", []]);
      assert.equal(new Set(alpha.calls.map(({ request }) => request.paymentId)).size, 1);
    });

  it("a charge whose process died is asked about, not moved, however the switch stands", async () => {
    const world = await World.create({
      alpha: { charge: ["silence"] },
      dies: (point) => point === "intent-committed",
    });
    world.submit();
    await world.drain();
    world.reference.facts = [changed("alpha", "redirect"), changed("beta", "open")];
    await world.drainWithRestarts();
    assert.deepEqual(world.channels.beta.calls, []);
    assert.ok(world.channels.alpha.countOf("inquire") > 0);
  });
});
