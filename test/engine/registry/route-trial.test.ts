import assert from "node:assert/strict";
import { factsOf } from "../../../adapters/memory/facts.js";
import { deriveId } from "../../../engine/ids.js";
import type { ChannelFacts, RouteRule } from "../../../engine/ports/reference.js";
import {
  type TrialMove,
  type TrialOrder,
  type TrialRequest,
  tryRules,
} from "../../../engine/registry/route-trial.js";

const to = (...channels: readonly string[]): RouteRule => ({
  name: channels.join("+"),
  channels: channels.map((channel) => ({ channel })),
});
const order = (amount: number, more: Partial<TrialOrder> = {}): TrialOrder => ({
  orderId: deriveId("order", String(amount)),
  fields: { merchantId: "m1", type: "pay", amount, currency: "CNY", method: "", business: "" },
  recorded: { channel: "a", rule: "old" },
  ...more,
});
const dear: RouteRule = { ...to("b"), name: "dear", when: "amount > 500.0" };
const closed = (channel: string): ChannelFacts => factsOf(channel, { switch: "closed" });
const openAll = ["a", "b", "c"].map((channel) => factsOf(channel));
const trial = (change: Partial<TrialRequest>) =>
  tryRules({
    inForce: [to("a")],
    proposed: [dear, to("a")],
    channels: openAll,
    orders: [order(100), order(900), order(800)],
    ...change,
  });
const told = (moves: readonly TrialMove[]): string =>
  moves.map(({ from, to, orders }) => `${orders} ${from ?? "-"}>${to ?? "-"}`).join(", ") || "nothing moves";

describe("rules tried on orders", () => {
  //        what                                     change                                      moved        since      unroutable
  const rows: readonly (readonly [string, Partial<TrialRequest>, string, string, number])[] = [
    ["the same rules move nothing", { proposed: [to("a")] }, "nothing moves", "nothing moves", 0],
    ["a rule for some moves those", {}, "2 a>b", "2 a>b", 0],
    [
      "no rule for some leaves them without a channel",
      { proposed: [dear] },
      "2 a>b, 1 a>-",
      "2 a>b, 1 a>-",
      1,
    ],
    [
      "what a closed channel changes is no doing of the rules",
      { channels: [closed("a"), factsOf("b")], inForce: [to("a"), to("b")], proposed: [to("a"), to("b")] },
      "nothing moves",
      "3 a>b",
      0,
    ],
    [
      "rules that save orders from a closed channel move them from nowhere",
      { channels: [closed("a"), factsOf("b")], proposed: [to("a"), to("b")] },
      "3 ->b",
      "3 a>b",
      0,
    ],
    [
      "the channel an integrator named holds",
      { orders: [order(900, { wanted: "a" })] },
      "nothing moves",
      "nothing moves",
      0,
    ],
    [
      "orders nobody placed have no record to leave",
      { orders: [{ orderId: deriveId("sample", "0"), fields: order(900).fields }] },
      "1 a>b",
      "nothing moves",
      0,
    ],
    ["no orders", { orders: [] }, "nothing moves", "nothing moves", 0],
  ];
  for (const [what, change, moved, movedSince, unroutable] of rows)
    it(`${what}: ${moved}`, () => {
      const { summary } = trial(change);
      assert.deepEqual(
        [told(summary.moved), told(summary.movedSince), summary.unroutable],
        [moved, movedSince, unroutable],
      );
    });

  it("each order says which rule decides, and why none does", () => {
    const { lines } = trial({ proposed: [dear, { ...to("z"), when: "amount < 500.0" }] });
    const proposed = lines.map((line) => line.proposed);
    assert.deepEqual(proposed[1], { channel: "b", rule: "dear" });
    assert.deepEqual(proposed[0], { channel: null, why: "z: not registered" });
  });

  it("counts what each rule decides about, those without any included", () => {
    const { summary } = trial({ proposed: [dear, to("c"), to("a")] });
    assert.deepEqual(summary.rules, [
      { rule: "dear", orders: 2 },
      { rule: "c", orders: 1 },
      { rule: "a", orders: 0 },
    ]);
    assert.deepEqual(summary.channels, [
      { channel: "a", recorded: 3, inForce: 3, proposed: 0 },
      { channel: "b", recorded: 0, inForce: 0, proposed: 2 },
      { channel: "c", recorded: 0, inForce: 0, proposed: 1 },
    ]);
  });

  it("weights are decided by the order's own id: twice the same, and the same for both rules", () => {
    const orders = Array.from({ length: 400 }, (_, n) => order(n + 1));
    const shared = [to("a", "b")];
    const once = trial({ inForce: shared, proposed: [{ ...to("a", "b"), name: "renamed" }], orders });
    assert.deepEqual(
      once,
      trial({ inForce: shared, proposed: [{ ...to("a", "b"), name: "renamed" }], orders }),
    );
    assert.equal(told(once.summary.moved), "nothing moves");
    const [a, b] = once.summary.channels;
    assert.ok(a && b && Math.abs(a.proposed - b.proposed) < 80, JSON.stringify([a, b]));
  });

  it("a redirect and a missing process are told", () => {
    const channels = [
      factsOf("a", { switch: "redirect", redirectTo: "b" }),
      factsOf("b", { presence: "missing" }),
    ];
    const { lines } = trial({ channels, proposed: [to("a")], orders: [order(100)] });
    assert.deepEqual(lines[0]?.proposed, { channel: "b", rule: "a", redirectedFrom: "a", missing: true });
  });
});
