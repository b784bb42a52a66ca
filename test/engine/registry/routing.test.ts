import assert from "node:assert/strict";
import fc from "fast-check";
import type { ChannelFacts, RouteRule } from "../../../engine/ports/reference.js";
import { routeCondition } from "../../../engine/registry/route-conditions.js";
import { chooseRoute, type RouteRequest } from "../../../engine/registry/routing.js";
import { factsOf } from "../../support/memory/facts.js";

const facts = (channel: string, change: Partial<ChannelFacts> = {}): ChannelFacts =>
  factsOf(channel, {
    ...{ methods: ["card"], currencies: ["CNY"], amountMinorMin: 10, amountMinorMax: 5000 },
    ...change,
  });
const rule = (name: string, channels: Record<string, number>, when?: string): RouteRule => ({
  name,
  channels: Object.entries(channels).map(([channel, weight]) => ({ channel, weight })),
  ...(when === undefined ? {} : { when }),
});
const fields = { merchantId: "m1", type: "pay", amount: 100, currency: "CNY", method: "", business: "pay" };
const choose = (change: Partial<RouteRequest>) =>
  chooseRoute({
    rules: [rule("all", { a: 1 })],
    channels: [facts("a"), facts("b")],
    ...{ fields, without: [], wanted: undefined, key: "019ca8d7-2d00-7000-8000-000000000001" },
    ...change,
  });
const said = (change: Partial<RouteRequest>): string => {
  const choice = choose(change);
  return choice.chosen ? `${choice.channel} by ${choice.rule}` : choice.why;
};

describe("routing: rules", () => {
  const rows: readonly (readonly [string, readonly RouteRule[], string])[] = [
    ["the first rule that holds decides", [rule("one", { a: 1 }), rule("two", { b: 1 })], "a by one"],
    [
      "a rule that does not hold is passed over",
      [rule("one", { a: 1 }, "amount > 1000.0"), rule("two", { b: 1 })],
      "b by two",
    ],
    [
      "a rule reads type, method and business",
      [rule("one", { b: 1 }, "type == 'pay' && method == '' && business == 'pay'")],
      "b by one",
    ],
    [
      "a rule without a usable channel is passed over",
      [rule("one", { gone: 1 }), rule("two", { b: 1 })],
      "b by two",
    ],
    ["no rule applies", [rule("one", { a: 1 }, "amount > 1000.0")], "no routing rule applies to this order"],
    ["there is no rule", [], "no routing rule applies to this order"],
    ["a rule without weight", [rule("one", { a: 0 })], "a: has no weight in rule one"],
  ];
  for (const [what, rules, expected] of rows)
    it(`${what}: ${expected}`, () => {
      assert.equal(said({ rules }), expected);
    });

  it("a condition that does not type-check is a defect, not a choice", () => {
    assert.throws(() => routeCondition("amount > 'many'", "when"), /routing condition/);
    assert.throws(() => routeCondition("subject == 'tea'", "when"), /no field/);
  });
});

describe("routing: obstacles", () => {
  const rows: readonly (readonly [Partial<RouteRequest>, string])[] = [
    [{ channels: [] }, "a: not registered"],
    [{ wanted: "b" }, "a: not the channel asked for"],
    [{ without: ["a"] }, "a: could not be reached"],
    [{ channels: [facts("a", { switch: "closed" })] }, "a: closed"],
    [{ channels: [facts("a", { switch: "draining" })] }, "a: draining"],
    [{ fields: { ...fields, method: "qr" } }, "a: does not offer method qr"],
    [{ fields: { ...fields, currency: "EUR" } }, "a: does not take EUR"],
    [{ fields: { ...fields, amount: 9 } }, "a: amount outside its limits"],
    [{ fields: { ...fields, amount: 5001 } }, "a: amount outside its limits"],
    [{ fields: { ...fields, amount: 10 } }, "a by all"],
    [{ fields: { ...fields, amount: 5000 } }, "a by all"],
    [{ fields: { ...fields, method: "card" } }, "a by all"],
    [{ wanted: "a" }, "a by all"],
  ];
  for (const [change, expected] of rows)
    it(`${JSON.stringify(change).slice(0, 70)}: ${expected}`, () => {
      assert.equal(said(change), expected);
    });

  it("each channel of every rule that holds has its reason", () => {
    const rules = [rule("one", { a: 1 }), rule("two", { b: 1, c: 1 })];
    assert.equal(
      said({ rules, without: ["a", "b"] }),
      "a: could not be reached; b: could not be reached; c: not registered",
    );
  });
});

const key = fc.uuid({ version: 7 });

describe("routing: weights", () => {
  it("the same key gives the same choice", () => {
    const rules = [rule("all", { a: 3, b: 1 })];
    fc.assert(
      fc.property(key, (id) => assert.deepEqual(choose({ rules, key: id }), choose({ rules, key: id }))),
    );
  });

  it("only a usable channel is chosen, whatever the weights", () => {
    const weight = fc.integer({ min: 0, max: 100 });
    fc.assert(
      fc.property(weight, weight, key, (a, b, id) => {
        const choice = choose({ rules: [rule("all", { a, b, closed: 100 })], key: id });
        const usable = [...(a > 0 ? ["a"] : []), ...(b > 0 ? ["b"] : [])];
        assert.equal(choice.chosen, usable.length > 0);
        if (choice.chosen) assert.ok(usable.includes(choice.channel));
      }),
    );
  });

  it("over evenly spread keys each channel gets its share", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 }), (a, b) => {
        const rules = [rule("all", { a, b })];
        const keys = 1000;
        const toA = Array.from({ length: keys }, (_, n) =>
          Math.floor((n / keys) * 2 ** 32)
            .toString(16)
            .padStart(8, "0"),
        ).filter((tail) => said({ rules, key: `019ca8d7-2d00-7000-8000-0000${tail}` }) === "a by all").length;
        assert.ok(Math.abs(toA / keys - a / (a + b)) < 2 / keys, `${toA} of ${keys} for ${a}:${b}`);
      }),
      { numRuns: 20 },
    );
  });
});
