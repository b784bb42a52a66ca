/** What fast-check draws from in more than one test: text and JSON as hostile as JSON allows. */
import fc from "fast-check";

/** Names that are something on every object, or in whoever merges objects carelessly. */
export const prototypeNames = [
  "__proto__",
  "constructor",
  "prototype",
  "toString",
  "hasOwnProperty",
  "valueOf",
] as const;

/** Any code point, escapes, and now and then a name of the prototype. */
export const text: fc.Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: fc.string({ unit: "binary", maxLength: 20 }) },
  { weight: 2, arbitrary: fc.string({ maxLength: 20 }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      ...prototypeNames,
      "\0",
      "\u2028",
      "\ud800",
      "\udc00x",
      "é",
      "e\u0301",
      "\ufeff",
    ),
  },
);

/** Without -0 and what is not finite: JSON cannot carry them there and back. */
export const number: fc.Arbitrary<number> = fc
  .oneof(fc.integer(), fc.maxSafeInteger(), fc.double({ noNaN: true, noDefaultInfinity: true }))
  .map((value) => (Object.is(value, -0) ? 0 : value));

/** An object whose keys are all its own, `__proto__` too, as `JSON.parse` makes it. */
export const objectOf = (value: fc.Arbitrary<unknown>): fc.Arbitrary<Readonly<Record<string, unknown>>> =>
  fc.array(fc.tuple(text, value), { maxLength: 6 }).map((entries) => Object.fromEntries(entries));

export const json: fc.Arbitrary<unknown> = fc.letrec<{ readonly value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.oneof(text, number, fc.boolean(), fc.constant(null)),
    fc.array(tie("value"), { maxLength: 4 }),
    objectOf(tie("value")),
  ),
})).value;

export const jsonObject = objectOf(json);
