import assert from "node:assert/strict";
import fc from "fast-check";
import type { ChannelFacts, RouteRule } from "../../../engine/ports/reference.js";
import { routeCondition } from "../../../engine/registry/route-conditions.js";
import { chooseRoute, type RouteRequest } from "../../../engine/registry/routing.js";
import { factsOf } from "../../../adapters/memory/facts.js";

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
/** `a`, redirected to `b`. */
const toB = (): ChannelFacts => facts("a", { switch: "redirect", redirectTo: "b" });
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
    [{ channels: [facts("a", { presence: "gone" })] }, "a: no module serves it"],
    [{ channels: [facts("a", { breaker: "open" })] }, "a: its breaker is open"],
    [{ channels: [facts("a", { breaker: "half-open" })] }, "a: its breaker is half-open"],
    [{ wanted: "a", channels: [facts("a", { switch: "closed" })] }, "a: closed"],
    [{ channels: [toB(), facts("b")] }, "b by all"],
    [{ wanted: "a", channels: [toB(), facts("b")] }, "b by all"],
    [{ wanted: "b", channels: [toB(), facts("b")] }, "a: not the channel asked for"],
    [{ channels: [toB(), facts("b", { switch: "redirect", redirectTo: "c" }), facts("c")] }, "c by all"],
    [{ channels: [toB(), facts("b", { switch: "closed" })] }, "a: redirected to b: closed"],
    [{ channels: [toB(), facts("b", { breaker: "open" })] }, "a: redirected to b: its breaker is open"],
    [{ channels: [toB()] }, "a: not registered"],
    [{ without: ["b"], channels: [toB(), facts("b")] }, "a: redirected to b: could not be reached"],
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

describe("routing: facts of channels", () => {
  const cheap = facts("cheap", { feeBps: 30, successRatio: 0.95, p95Ms: 900 });
  const dear = facts("dear", { feeBps: 80, successRatio: 0.99, p95Ms: 200, feeMinorMin: 2 });
  const rows: readonly (readonly [string, string])[] = [
    ["channel.feeBps < 60.0", "cheap by where"],
    ["channel.feeBps > 60.0 && channel.successRatio > 0.9", "dear by where"],
    ["channel.p95Ms < 500.0", "dear by where"],
    ["channel.feeMinor <= 1.0", "cheap by where"],
    ["channel.name == 'dear' && amount < 1000.0", "dear by where"],
    ["'card' in channel.methods && channel.weight > 1.0", "dear by rest"],
    ["channel.inFlight < 10.0 && currency == 'EUR'", "dear by rest"],
  ];
  for (const [where, expected] of rows)
    it(`${where}: ${expected}`, () => {
      const rules = [
        { name: "where", channels: [{ channel: "*", where }] },
        { name: "rest", channels: [{ channel: "dear" }] },
      ];
      assert.equal(said({ rules, channels: [cheap, dear] }), expected);
    });

  it("a redirect is judged by the channel that would carry the order", () => {
    const rules = [{ name: "where", channels: [{ channel: "a", where: "channel.feeBps < 60.0" }] }];
    const channels = [toB(), facts("b", { feeBps: 90 })];
    assert.equal(said({ rules, channels }), "a: redirected to b: does not hold: channel.feeBps < 60.0");
  });
});

describe("routing: * is every channel the rule does not name", () => {
  const everything = [{ name: "everything", channels: [{ channel: "*" }] }];
  it("a channel that was plugged in takes part by itself", () => {
    assert.equal(said({ rules: everything, channels: [facts("new")] }), "new by everything");
  });
  it("one whose own weight is 0 takes part only where it is named", () => {
    const channels = [facts("spare", { weight: 0 })];
    assert.equal(said({ rules: everything, channels }), "spare: has no weight in rule everything");
    assert.equal(said({ rules: everything, channels, wanted: "spare" }), "spare by everything");
    const named = [{ name: "named", channels: [{ channel: "spare" }] }];
    assert.equal(said({ rules: named, channels }), "spare by named");
  });
  it("what is named beside it keeps its own terms", () => {
    const rules = [{ name: "all", channels: [{ channel: "a", where: "amount > 1000.0" }, { channel: "*" }] }];
    assert.equal(said({ rules }), "b by all");
  });
});

describe("routing: a channel whose process is missing", () => {
  const a = facts("a", { presence: "missing" });
  const rules = [rule("one", { a: 1 }), rule("two", { b: 1 })];
  it("is passed over for any other, by later rules, too", () => {
    assert.equal(said({ rules, channels: [a, facts("b")] }), "b by two");
  });
  it("keeps the order when there is no other: a restart costs no order", () => {
    const choice = choose({ rules, channels: [a, facts("b", { switch: "closed" })] });
    assert.deepEqual(
      [choice.chosen && choice.channel, choice.chosen && choice.missing, choice.passedOver],
      [
        "a",
        true,
        [
          { rule: "one", channel: "a", why: "its process is missing" },
          { rule: "two", channel: "b", why: "closed" },
        ],
      ],
    );
  });
  it("is not even then chosen when it is closed or tripped", () => {
    for (const change of [{ switch: "closed" }, { switch: "draining" }, { breaker: "open" }] as const)
      assert.equal(choose({ channels: [facts("a", { presence: "missing", ...change })] }).chosen, false);
  });
});

describe("routing: why", () => {
  it("says what was passed over, rule by rule", () => {
    const rules = [rule("dear", { a: 1 }, "amount > 1000.0"), rule("one", { c: 1 }), rule("two", { a: 1 })];
    assert.deepEqual(choose({ rules, channels: [toB(), facts("b")] }), {
      ...{ chosen: true, channel: "b", rule: "two", redirectedFrom: "a", missing: false },
      passedOver: [
        { rule: "dear", why: "does not apply: amount > 1000.0" },
        { rule: "one", channel: "c", why: "not registered" },
      ],
    });
  });
});

const key = fc.uuid({ version: 7 });
/** Every state a channel can be in. */
const anyFacts = (channel: string) =>
  fc
    .record({
      switch: fc.constantFrom("open", "draining", "closed", "redirect"),
      redirectTo: fc.constantFrom("a", "b", "c"),
      presence: fc.constantFrom("live", "missing", "gone"),
      breaker: fc.constantFrom("closed", "open", "half-open"),
    } as const)
    .map((change) => facts(channel, change as Partial<ChannelFacts>));

describe("routing: whatever the state of the channels", () => {
  it("what is closed, draining, redirected, tripped or gone is never chosen, by no rule and not by name", () => {
    const rules = [rule("one", { a: 1, b: 2 }), rule("two", { c: 1 }), rule("three", { a: 1, b: 1, c: 1 })];
    const wanted = fc.constantFrom(undefined, "a", "b", "c");
    fc.assert(
      fc.property(anyFacts("a"), anyFacts("b"), anyFacts("c"), wanted, key, (a, b, c, name, id) => {
        const choice = choose({ rules, channels: [a, b, c], wanted: name, key: id });
        if (!choice.chosen) return;
        const chosen = [a, b, c].find(({ channel }) => channel === choice.channel)!;
        assert.equal(chosen.switch, "open");
        assert.equal(chosen.breaker, "closed");
        assert.notEqual(chosen.presence, "gone");
      }),
      { numRuns: 500 },
    );
  });
});

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
