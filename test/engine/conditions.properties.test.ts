/** Conditions, whatever an operator types: refused with words, or a condition that never does anything unexpected. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { type Condition, compileCondition } from "../../engine/conditions.js";
import type { Dictionary } from "../../engine/dictionary.js";
import { ValenceError } from "../../engine/errors.js";
import { number, objectOf, prototypeNames, text } from "../support/arbitrary.js";

const dictionary: Dictionary = {
  amount: { title: "minor units", schema: { type: "integer" } },
  rate: { title: "a share", schema: { type: "number" } },
  currency: { title: "ISO 4217", schema: { type: "string" } },
  type: { title: "named like a CEL type", schema: { type: "string" } },
  trusted: { title: "known payer", schema: { type: "boolean" } },
  tags: { title: "labels", schema: { type: "array", items: { type: "string" } } },
  metadata: { title: "the merchant's", schema: { type: "object", additionalProperties: { type: "string" } } },
  anything: { title: "no schema at all", schema: {} },
};
const run = fc.record(
  {
    ...{ amount: fc.maxSafeInteger(), rate: number, currency: text, type: text, trusted: fc.boolean() },
    ...{ tags: fc.array(text, { maxLength: 4 }), metadata: objectOf(text), anything: fc.jsonValue() },
  },
  { noNullPrototype: true },
);
type Run = Readonly<Record<string, unknown>>;

/** True or false, or the one error a step may fail with. */
function evaluated({ evaluate, source }: Condition, fields: Run): boolean | "failed" {
  try {
    const value = evaluate(fields);
    assert.equal(typeof value, "boolean");
    return value;
  } catch (error) {
    assert.ok(error instanceof ValenceError && error.code === "step_failed", `${source}: ${String(error)}`);
    return "failed";
  }
}

/** Refused in one line of words, or a condition. */
function compiled(source: string): Condition | undefined {
  const result = compileCondition(source, dictionary);
  if (result.ok) return result.condition;
  assert.match(result.message, /^[^\n]+$/, JSON.stringify(source));
  return undefined;
}

const literal = fc.oneof(
  fc.constantFrom(
    "1",
    "1.0",
    "-0.5",
    "1u",
    "true",
    "false",
    "null",
    "'CNY'",
    '"x"',
    "b'x'",
    "[]",
    "{}",
    "0.0",
  ),
  fc.integer().map(String),
);
const name = fc.constantFrom(
  ...Object.keys(dictionary),
  "metadata.shop",
  "metadata['a']",
  "tags[0]",
  "nothing",
);

/** Anything that could stand in CEL, well typed or not. */
const expression: fc.Arbitrary<string> = fc.letrec<{ readonly e: string }>((tie) => {
  const e = tie("e");
  const of = (...parts: readonly string[]): fc.Arbitrary<string> => fc.constantFrom(...parts);
  return {
    e: fc.oneof(
      { maxDepth: 4 },
      fc.oneof(name, literal),
      fc
        .tuple(e, of("&&", "||", "==", "!=", "<", "<=", ">", "+", "-", "*", "/", "%", "in"), e)
        .map(([a, op, b]) => `(${a} ${op} ${b})`),
      fc
        .tuple(of("!", "-", "size", "type", "has", "string", "double", "int", "timestamp"), e)
        .map(([f, a]) => `${f}(${a})`),
      fc.tuple(e, e, e).map(([a, b, c]) => `(${a} ? ${b} : ${c})`),
      fc
        .tuple(e, of("exists", "all", "filter", "map", "exists_one"), of("t", "amount", "type"), e)
        .map(([a, macro, bound, b]) => `${a}.${macro}(${bound}, ${b})`),
      fc.tuple(e, of("startsWith", "matches", "contains", "split"), e).map(([a, f, b]) => `${a}.${f}(${b})`),
      fc.tuple(e, e).map(([a, b]) => `[${a}, ${b}]`),
      fc.tuple(e, e).map(([a, b]) => `${a}[${b}]`),
      fc.tuple(e, e).map(([a, b]) => `{'k': ${a}, 'l': ${b}}.k`),
      fc.tuple(e, e).map(([a, b]) => `cel.bind(v, ${a}, ${b})`),
    ),
  };
}).e;

/** Only what CEL defines for every value of its operands: no key that may lack, no text that may not be a date. */
const total = fc.letrec<{ readonly b: string; readonly n: string; readonly s: string }>((tie) => ({
  n: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom("amount", "rate", "1.5", "0.0", "-3.0", "double(size(tags))"),
    fc
      .tuple(tie("n"), fc.constantFrom("+", "-", "*", "/"), tie("n"))
      .map(([a, op, b]) => `(${a} ${op} ${b})`),
    fc.tuple(tie("b"), tie("n"), tie("n")).map(([c, a, b]) => `(${c} ? ${a} : ${b})`),
  ),
  s: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom("currency", "type", "'CNY'", "''", "string(trusted)"),
    fc.tuple(tie("s"), tie("s")).map(([a, b]) => `(${a} + ${b})`),
  ),
  b: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom(
      "trusted",
      "true",
      "has(metadata.shop)",
      "tags.exists(t, t == currency)",
      "'a' in tags",
      "'a' in metadata",
    ),
    fc
      .tuple(tie("n"), fc.constantFrom("<", "<=", ">", ">=", "==", "!="), tie("n"))
      .map((parts) => parts.join(" ")),
    fc.tuple(tie("s"), fc.constantFrom("==", "!=", "<"), tie("s")).map((parts) => parts.join(" ")),
    fc
      .tuple(tie("s"), fc.constantFrom("startsWith", "endsWith", "contains"), tie("s"))
      .map(([a, f, b]) => `${a}.${f}(${b})`),
    fc.tuple(tie("b"), fc.constantFrom("&&", "||"), tie("b")).map(([a, op, b]) => `(${a}) ${op} (${b})`),
    tie("b").map((b) => `!(${b})`),
    tie("b").map((b) => `tags.all(t, ${b})`),
  ),
}));

/** Well typed for the most part, with what may fail at run time. */
const mixed = fc
  .tuple(
    total.b,
    fc.constantFrom("&&", "||", "=="),
    fc.constantFrom(
      ...[
        "metadata.shop == 'x'",
        "tags[0] == type",
        "anything == 1",
        "anything.a.b == 'x'",
        "int(currency) > 0",
      ],
      ...[
        "timestamp(type) < timestamp(currency)",
        "currency.matches(type)",
        "tags.map(t, t + type)[1] == 'x'",
      ],
      ...[
        "size(anything) > 1",
        "anything.exists(a, a == trusted)",
        "int(amount) / 0 > 1",
        "int(rate) % 2 == 0",
      ],
    ),
  )
  .map(([a, op, b]) => `(${a}) ${op} (${b})`);

describe("conditions, whatever is typed", () => {
  it("arbitrary text is refused with words or is a condition", () => {
    const pieces = fc.array(
      fc.oneof(
        name,
        literal,
        fc.constantFrom(..."()[]{}.,?:!&|=<>+-*/%'\"\\ \n"),
        fc.constantFrom("in", "has", "r'", "'''"),
      ),
      { maxLength: 30 },
    );
    fc.assert(
      fc.property(
        fc.oneof(
          text,
          fc.string({ unit: "binary" }),
          pieces.map((all) => all.join("")),
        ),
        run,
        (source, fields) => {
          const condition = compiled(source);
          if (condition) evaluated(condition, fields);
        },
      ),
      { numRuns: 800 },
    );
  });

  it("what checks is true or false, or fails as a step does, whatever the run holds and whatever it lacks", () => {
    let checked = 0;
    let decided = 0;
    const some = fc.subarray(Object.keys(dictionary));
    fc.assert(
      fc.property(fc.oneof(expression, mixed), run, some, (source, fields, present) => {
        const condition = compiled(source);
        if (!condition) return;
        checked++;
        if (evaluated(condition, fields) !== "failed") decided++;
        // A field that is declared and absent, which the compiler rules out, is no surprise either.
        evaluated(condition, Object.fromEntries(present.map((field) => [field, (fields as Run)[field]])));
      }),
      { numRuns: 1_500 },
    );
    assert.ok(checked > 20 && decided > 10, `${checked} checked, ${decided} decided: the test says nothing`);
  });

  it("what is defined for every value never fails, whatever the values are", () => {
    fc.assert(
      fc.property(total.b, run, (source, fields) => {
        const condition = compiled(source);
        assert.ok(condition, source);
        assert.notEqual(evaluated(condition, fields), "failed", source);
      }),
      { numRuns: 500 },
    );
  });

  it("a key named like what every object has is a key like any other", () => {
    for (const key of prototypeNames) {
      const metadata: unknown = JSON.parse(`{"${key}":"x","shop":"7"}`);
      for (const source of [`metadata['${key}'] == 'x'`, "metadata.shop == '7'", "has(metadata.shop)"]) {
        const condition = compiled(source);
        assert.ok(condition);
        assert.equal(evaluated(condition, { metadata }), true, `${source} with ${key}`);
      }
    }
  });

  it("a key that only every object has is no key of the run", () => {
    for (const key of prototypeNames) {
      for (const source of [`has(metadata.${key})`, `'${key}' in metadata`]) {
        const condition = compiled(source);
        if (condition) assert.equal(evaluated(condition, { metadata: {} }), false, source);
      }
      const read = compiled(`metadata['${key}'] == 'x'`);
      if (read) assert.equal(evaluated(read, { metadata: {} }), "failed", key);
    }
  });

  const hostile: readonly (readonly [what: string, begin: string, end: string])[] = [
    ["parentheses", "(", ")"],
    ["negations", "!", ""],
    ["minus signs", "-", ""],
    ["lists", "[", "]"],
    ["maps", "{'a':", "}"],
    ["members", "metadata.a", ""],
    ["indexes", "tags[", "]"],
    ["choices", "trusted ? true : ", ""],
    ["alternatives", "trusted || ", ""],
    ["sums", "amount + ", ""],
    ["macros", "tags.exists(t, ", ")"],
    ["calls", "size(", ")"],
    ["strings", "'", ""],
  ];
  for (const [what, begin, end] of hostile) {
    it(`20,000 ${what} do not run out of stack`, () => {
      const condition = compiled(`${begin.repeat(20_000)}trusted${end.repeat(20_000)}`);
      if (condition) evaluated(condition, { trusted: true, amount: 1, tags: [], metadata: {} });
    });
  }
});
