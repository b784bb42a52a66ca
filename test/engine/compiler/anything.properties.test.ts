/** The compiler, whatever it is given: plans or diagnostics, never an exception; and one content, one hash. */
import assert from "node:assert/strict";
import path from "node:path";
import fc from "fast-check";
import { parse } from "jsonc-parser";
import { vocabulary } from "../../../atoms/index.js";
import type { AtomSpec } from "../../../engine/atom.js";
import { canonicalJson, contentHash } from "../../../engine/compiler/canonical.js";
import { compile } from "../../../engine/compiler/compile.js";
import { diagnosticCodes } from "../../../engine/compiler/diagnostics.js";
import type { Plan } from "../../../engine/compiler/plan.js";
import type { DefinitionFile } from "../../../engine/schema/definitions.js";
import { json, text } from "../../support/arbitrary.js";
import { readDefinitions } from "../../../adapters/compose/root.js";
import { root } from "../../support/checkout.js";

const shipped = readDefinitions(path.join(root, "flows"));
const values = shipped.map(({ path, text: content }) => ({ path, value: parse(content) as unknown }));

/** Sound or said why not: each diagnostic with a code of the table, in a file that was given. */
function judge(files: readonly DefinitionFile[]): readonly Plan[] | undefined {
  const result = compile(files, vocabulary);
  if (result.ok) return result.compiled.plans;
  assert.ok(result.diagnostics.length > 0);
  for (const { code, file, pointer, message, hint } of result.diagnostics) {
    assert.ok((diagnosticCodes as readonly string[]).includes(code), code);
    assert.ok(
      files.some(({ path }) => path === file),
      file,
    );
    assert.ok(pointer === "" || pointer.startsWith("/"), pointer);
    assert.ok(message !== "" && hint !== "");
  }
  return undefined;
}

const plansOf = (files: readonly DefinitionFile[], words = vocabulary): readonly Plan[] => {
  const result = compile(files, words);
  assert.ok(result.ok, JSON.stringify(result));
  return result.compiled.plans;
};
const hashes = (plans: readonly Plan[]): Readonly<Record<string, string>> =>
  Object.fromEntries(plans.map(({ flow, hash }) => [flow, hash]));

type Path = readonly (string | number)[];

/** Every place in a JSON value. */
function places(value: unknown, at: Path = []): readonly Path[] {
  if (typeof value !== "object" || value === null) return [at];
  const keys = Array.isArray(value) ? [...value.keys()] : Object.keys(value);
  return [at, ...keys.flatMap((key) => places((value as Record<string, unknown>)[key], [...at, key]))];
}

/** A copy in which the value at `at` is `change` of it; undefined removes it. */
function changed(value: unknown, [key, ...rest]: Path, change: (old: unknown) => unknown): unknown {
  if (key === undefined) return change(value);
  if (Array.isArray(value))
    return value.flatMap((item, index) => {
      const next: unknown = index === key ? changed(item, rest, change) : item;
      return next === undefined ? [] : [next];
    });
  return Object.fromEntries(
    Object.entries(value as object).flatMap(([name, member]) => {
      const next: unknown = name === key ? changed(member, rest, change) : member;
      return next === undefined ? [] : [[name, next]];
    }),
  );
}

/** Strings that mean something somewhere in the definitions. */
const words = [...new Set(JSON.stringify(values).match(/"(?:[^"\\]|\\.)*"/g))].map(
  (quoted) => JSON.parse(quoted) as string,
);

const change: fc.Arbitrary<(old: unknown) => unknown> = fc.oneof(
  fc.constant(() => undefined),
  fc.constantFrom(...words).map((word) => () => word),
  json.map((value) => () => value),
  fc.constant((old: unknown) => [old, old]),
  fc.constant((old: unknown) => ({ ...Object(old), nonsense: old })),
);
const mutation = fc.constantFrom(
  ...values.flatMap(({ path, value }) => places(value).map((at) => ({ path, at }))),
);
const mutated: fc.Arbitrary<readonly DefinitionFile[]> = fc
  .array(fc.tuple(mutation, change), { minLength: 1, maxLength: 3 })
  .map((changes) =>
    values.map(({ path, value }) => {
      const own = changes.filter(([place]) => place.path === path);
      const next = own.reduce((now, [{ at }, make]) => tryChange(now, at, make), value);
      return { path, text: JSON.stringify(next) ?? "" };
    }),
  );

/** An earlier change may have taken the place away. */
function tryChange(value: unknown, at: Path, make: (old: unknown) => unknown): unknown {
  try {
    return changed(value, at, make);
  } catch {
    return value;
  }
}

function shuffled(value: unknown, rank: () => number): unknown {
  if (Array.isArray(value)) return value.map((item) => shuffled(item, rank));
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(
    ([key, member]) => [rank(), key, shuffled(member, rank)] as const,
  );
  return Object.fromEntries(entries.sort(([a], [b]) => a - b).map(([, key, member]) => [key, member]));
}

describe("the compiler, whatever it is given", function () {
  this.timeout(60_000);

  it("arbitrary files: plans or diagnostics", () => {
    const path = fc.oneof(
      fc.constantFrom(
        "types.json",
        "pay.flow.json",
        "transactions/a.json",
        "/",
        "",
        "../types.json",
        "a/b.flow.json",
      ),
      text,
    );
    const content = fc.oneof(
      json.map((value) => JSON.stringify(value)),
      text,
      fc.constantFrom(...shipped).map((file) => file.text),
    );
    const files = fc.array(fc.record({ path, text: content }), { maxLength: 4 });
    fc.assert(
      fc.property(files, (given) => void judge(given)),
      { numRuns: 400 },
    );
  });

  it("sound definitions with a few values changed, removed or exchanged: plans or diagnostics", () => {
    let refused = 0;
    fc.assert(
      fc.property(mutated, (files) => void (judge(files) ?? refused++)),
      { numRuns: 80 },
    );
    assert.ok(refused > 20, `only ${refused} were refused: the test says nothing`);
  });

  it("sound definitions cut off or overwritten anywhere: plans or diagnostics", () => {
    const damage = fc.tuple(fc.constantFrom(...shipped), fc.nat(), text).map(([file, at, put]) => {
      const cut = at % (file.text.length + 1);
      const damaged = file.text.slice(0, cut) + put + file.text.slice(cut + 1);
      return shipped.map((other) => (other === file ? { path: file.path, text: damaged } : other));
    });
    fc.assert(
      fc.property(damage, (files) => void judge(files)),
      { numRuns: 50 },
    );
  });

  for (const [what, begin, end] of [
    ["lists", "[", "]"],
    ["objects", '{"a":', "}"],
    ["open lists", "[", ""],
    ["comments", "/**/", ""],
  ] as const) {
    it(`100,000 ${what} do not run out of stack`, () => {
      assert.equal(
        judge([{ path: "types.json", text: `${begin.repeat(100_000)}1${end.repeat(100_000)}` }]),
        undefined,
      );
    });
  }
});

describe("the hash of a plan", () => {
  const expected = hashes(plansOf(shipped));

  it("does not depend on the order of keys or of files, nor on white space", () => {
    fc.assert(
      fc.property(
        fc.infiniteStream(fc.nat()),
        fc.shuffledSubarray(values, { minLength: values.length }),
        (ranks, files) => {
          const reordered = files.map(({ path, value }) => ({
            path,
            text: JSON.stringify(
              shuffled(value, () => ranks.next().value),
              null,
              3,
            ),
          }));
          assert.deepEqual(hashes(plansOf(reordered)), expected);
        },
      ),
      { numRuns: 10 },
    );
  });

  it("changes with the version and with the declaration of every atom the plan has, and of no other", () => {
    for (const atom of vocabulary.atoms.values()) {
      const users = plansOf(shipped).filter((plan) =>
        JSON.stringify(plan.stages).includes(`"atom":"${atom.name}"`),
      );
      const with_ = (other: AtomSpec) => ({
        ...vocabulary,
        atoms: new Map([...vocabulary.atoms, [atom.name, other]]),
      });
      for (const other of [
        { ...atom, version: atom.version + 1 },
        { ...atom, title: `${atom.title}!` },
      ] as AtomSpec[]) {
        const now = hashes(plansOf(shipped, with_(other)));
        for (const flow of Object.keys(expected))
          assert.equal(
            now[flow] !== expected[flow],
            users.some((plan) => plan.flow === flow),
            `${atom.name} in ${flow}`,
          );
      }
    }
  });

  it("is one for one content: canonical JSON says the same, in the same bytes, whatever the order of keys", () => {
    fc.assert(
      fc.property(json, json, fc.infiniteStream(fc.nat()), (one, other, ranks) => {
        const again = shuffled(one, () => ranks.next().value);
        assert.equal(canonicalJson(again), canonicalJson(one));
        assert.deepEqual(JSON.parse(canonicalJson(one)), one);
        const same = canonicalJson(one) === canonicalJson(other);
        assert.equal(contentHash(one) === contentHash(other), same);
      }),
    );
  });
});
