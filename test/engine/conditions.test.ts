import assert from "node:assert/strict";
import { celTypeOf, compileCondition } from "../../engine/conditions.js";
import type { Condition } from "../../engine/conditions.js";
import type { Dictionary } from "../../engine/dictionary.js";
import { ValenceError } from "../../engine/errors.js";

const dictionary: Dictionary = {
  amount: { title: "minor units", schema: { type: "integer" } },
  rate: { title: "a share", schema: { type: "number" } },
  currency: { title: "ISO 4217", schema: { type: "string" } },
  type: { title: "transaction type", schema: { type: "string" } },
  list: { title: "a field named like a CEL type", schema: { type: "integer" } },
  trusted: { title: "known payer", schema: { type: "boolean" } },
  tags: { title: "labels", schema: { type: "array", items: { type: "string" } } },
  metadata: {
    title: "the merchant's own",
    schema: { type: "object", additionalProperties: { type: "string" } },
  },
  action: { title: "next step", schema: { type: "object", properties: { kind: { type: "string" } } } },
};

const run = {
  amount: 6_000_000,
  rate: 0.5,
  currency: "CNY",
  type: "pay",
  list: 3,
  trusted: true,
  tags: ["new", "CNY"],
  metadata: { shop: "7" },
  action: { kind: "qr" },
};

function condition(source: string, extra?: Readonly<Record<string, string>>): Condition {
  const result = compileCondition(source, dictionary, extra);
  assert.ok(result.ok, JSON.stringify(result));
  return result.condition;
}

describe("conditions: what checks can be evaluated, and says what it reads", () => {
  const rows: readonly (readonly [string, boolean, readonly string[]])[] = [
    ["amount > 5000000", true, ["amount"]],
    ["amount > 5000000.5 && currency == 'EUR'", false, ["amount", "currency"]],
    ["amount in [1.0, 6000000.0]", true, ["amount"]],
    ["amount == 6000000.0", true, ["amount"]],
    ["trusted", true, ["trusted"]],
    ["!trusted || -amount < rate", true, ["amount", "rate", "trusted"]],
    ["trusted ? currency == 'CNY' : rate > 1.0", true, ["currency", "rate", "trusted"]],
    ["size(currency) == 3", true, ["currency"]],
    ["currency.startsWith('C')", true, ["currency"]],
    ["metadata.shop == '7'", true, ["metadata"]],
    ["metadata['shop'] == '7'", true, ["metadata"]],
    ["has(metadata.door)", false, ["metadata"]],
    ["action.kind == 'qr'", true, ["action"]],
    // -- what a condition binds itself is no field
    ["tags.exists(t, t == 'new')", true, ["tags"]],
    ["tags.exists(t, t == currency)", true, ["currency", "tags"]],
    ["tags.exists(t, tags.all(u, u != t || u == t))", true, ["tags"]],
    ["tags.filter(currency, currency == 'new').size() == 1", true, ["tags"]],
    ["tags.exists(currency, currency == 'x') || currency == 'CNY'", true, ["currency", "tags"]],
    ["tags.map(t, t == 'new', t + currency).size() == 1", true, ["currency", "tags"]],
    ["cel.bind(half, amount / 2.0, half > rate)", true, ["amount", "rate"]],
    ["{'a': amount, 'b': rate}.size() == 2", true, ["amount", "rate"]],
    ["[currency, type] == ['CNY', 'pay']", true, ["currency", "type"]],
    // -- fields named like CEL's own constants
    ["type == 'pay' && type != 'refund'", true, ["type"]],
    ["list > 2 && type == 'pay'", true, ["list", "type"]],
    ["type(amount) == double", true, ["amount"]],
    ["tags.exists(type, type == 'new')", true, ["tags"]],
    ["true", true, []],
  ];
  for (const [source, value, reads] of rows) {
    it(`${source}  is ${value}, reads ${reads.join(", ") || "nothing"}`, () => {
      const { evaluate, ...rest } = condition(source);
      assert.deepEqual(rest, { source, reads });
      // Only what it reads is needed.
      const needed = Object.fromEntries(Object.entries(run).filter(([name]) => reads.includes(name)));
      assert.equal(evaluate(needed), value);
    });
  }
});

describe("conditions: what does not check is refused with a reason", () => {
  const rows: readonly (readonly [string, RegExp])[] = [
    ["", /EOF/],
    ["amount >", /EOF/],
    ["colour == 'red'", /no field "colour"/],
    ["amount + 1 > 5", /double \+ int.*write 1\.0, not 1/],
    ["amount == 5", /double == int.*write 1\.0, not 1/],
    ["currency > 5", /string > int$/],
    ["currency == amount", /string == double$/],
    ["metadata.shop == 7", /string == int$/],
    ["tags.exists(t, t == 7)", /string == int$/],
    ["tags.exists(t + 'a', true)", /iteration variable/],
    ["amount", /it is a double; a condition must be true or false/],
    ["action.kind", /compare it with something/],
    ["nonsense(amount)", /nonsense/],
    ["amount.shop == 'x'", /./],
    ["has(amount)", /has\(\) invalid argument/],
  ];
  for (const [source, message] of rows) {
    it(`${source || "(nothing)"}  ${message}`, () => {
      const result = compileCondition(source, dictionary);
      assert.ok(!result.ok);
      assert.match(result.message, message);
      assert.doesNotMatch(result.message, /\n/);
    });
  }
});

describe("conditions: what is wrong is marked where it stands", () => {
  // Between «» stands what an editor underlines.
  const rows: readonly string[] = [
    "«amout» > 1.0 && currency == 'CNY'",
    "currency == 'CNY' && «amount > 'x'»",
    "metadata.shop == '7' && (currency == 'CNY«'»",
    "amount >«>» 1.0",
    "amount «$» 3.0",
    "currency == 'CNY' && «size(amount)» == 1",
    // Fields that travel under another name: the offsets are those of the source all the same.
    "type == 'pay' && «list > 'x'»",
    "type == 'pay' && list > 1.0 && «nonsense» == type",
    "«type > 3.0» && list > 1.0",
    "type == 'pay' && type != 'refund' && «amount > 'x'»",
  ];
  for (const marked of rows)
    it(marked, () => {
      const source = marked.replace(/[«»]/g, "");
      const result = compileCondition(source, dictionary);
      assert.ok(!result.ok && result.range, JSON.stringify(result));
      const { start, end } = result.range;
      assert.equal(`${source.slice(0, start)}«${source.slice(start, end)}»${source.slice(end)}`, marked);
    });

  it("a condition that is no question at all is wrong as a whole", () => {
    const result = compileCondition("amount", dictionary);
    assert.ok(!result.ok);
    assert.equal(result.range, undefined);
  });
});

describe("conditions: at run time", () => {
  it("what types cannot rule out is a step that failed, with the condition in its message", () => {
    for (const source of [
      "metadata.door == 'x'",
      "timestamp(currency) > timestamp('2020-01-01T00:00:00Z')",
    ]) {
      const { evaluate } = condition(source);
      assert.throws(
        () => evaluate(run),
        (error) =>
          error instanceof ValenceError && error.code === "step_failed" && error.detail.includes(source),
      );
    }
  });

  it("knows extra variables: facts of a router that are no fields", () => {
    const { reads, evaluate } = condition("successRate > 0.9 && currency == 'CNY'", {
      successRate: "double",
    });
    assert.deepEqual(reads, ["currency", "successRate"]);
    assert.equal(evaluate({ ...run, successRate: 0.95 }), true);
  });
});

describe("conditions: the CEL type of a schema", () => {
  const rows = [
    [{ type: "integer" }, "double"],
    [{ type: "number" }, "double"],
    [{ type: "string", enum: ["a"] }, "string"],
    [{ type: "boolean" }, "bool"],
    [{ type: "array" }, "list<dyn>"],
    [{ type: "array", items: { type: "integer" } }, "list<double>"],
    [{ type: "object" }, "map<string, dyn>"],
    [{ type: "object", additionalProperties: { type: "string" } }, "map<string, string>"],
    [{ type: ["string", "null"] }, "dyn"],
    [true, "dyn"],
  ] as const;
  for (const [schema, type] of rows) {
    it(`${JSON.stringify(schema)} is ${type}`, () => assert.equal(celTypeOf(schema), type));
  }
});
