/** Whatever bytes come as a body: an object that can be carried, or a refusal. */
import { strict as assert } from "node:assert";
import fc from "fast-check";
import { Refusal } from "../../../adapters/http/answer.js";
import { parseObject } from "../../../adapters/http/body.js";
import type { Row } from "../../../engine/ports/store.js";
import { json, jsonObject, prototypeNames } from "../../support/arbitrary.js";

/** The object, or the code of the refusal. */
function parsed(body: string | Uint8Array): Row | string {
  try {
    return parseObject("application/json", typeof body === "string" ? Buffer.from(body) : body);
  } catch (error) {
    assert.ok(error instanceof Refusal, String(error));
    return error.problem.code;
  }
}

const codes = new Set(["malformed_json", "body_not_object", "field_invalid"]);

describe("a body, whatever it is", () => {
  it("arbitrary bytes: an object or a refusal, nothing else", () => {
    const almost = jsonObject.chain((value) => {
      const bytes = Buffer.from(JSON.stringify(value));
      return fc
        .tuple(fc.nat(bytes.length), fc.uint8Array({ maxLength: 3 }))
        .map(([at, put]) => Buffer.concat([bytes.subarray(0, at), put, bytes.subarray(at + 1)]));
    });
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array(), almost), (bytes) => {
        const result = parsed(bytes);
        assert.ok(typeof result === "object" ? !Array.isArray(result) : codes.has(result));
      }),
      { numRuns: 500 },
    );
  });

  it("what is taken is what was written, survives being written again, and touches no prototype", () => {
    let taken = 0;
    fc.assert(
      fc.property(jsonObject, (value) => {
        const before = prototypeNames.map((name) => Reflect.get({}, name) as unknown);
        const result = parsed(JSON.stringify(value));
        assert.deepEqual(
          prototypeNames.map((name) => Reflect.get({}, name) as unknown),
          before,
        );
        if (typeof result === "string") return assert.equal(result, "field_invalid");
        taken++;
        assert.deepEqual(Object.keys(result), Object.keys(value));
        assert.equal(JSON.stringify(result), JSON.stringify(value));
        assert.equal(Object.getPrototypeOf(result), Object.prototype);
        // PostgreSQL takes neither.
        assert.doesNotMatch(JSON.stringify(result), /\\u0000|\\ud[89a-f]/);
      }),
      { numRuns: 500 },
    );
    assert.ok(taken > 50, `only ${taken} were taken: the test says nothing`);
  });

  it("anything but an object: body_not_object", () => {
    fc.assert(
      fc.property(json, (value) => {
        fc.pre(typeof value !== "object" || value === null || Array.isArray(value));
        assert.equal(parsed(JSON.stringify(value)), "body_not_object");
      }),
    );
  });

  it("of a key given twice the last one counts, whatever stands between", () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer(), fc.stringMatching(/^[a-z]{0,5}$/), (first, last, name) => {
        const result = parsed(`{"${name}":${first},"x0":0,"\\u${codeOf(name)}":${last},"${name}":${last}}`);
        assert.equal((result as Row)[name], last);
      }),
    );
  });

  // a body, and what becomes of it
  const rows: readonly (readonly [what: string, body: string, result: Row | string])[] = [
    ["an escaped __proto__ further down", '{"a":{"\\u005f_proto__":{"b":1}}}', "field_invalid"],
    ["a number larger than any, at the top", '{"amount":1e400}', { amount: Infinity }],
    ["a number larger than any, further down", '{"a":{"b":1e400}}', "field_invalid"],
    ["a number larger than any, in a list", '{"a":[-1e400]}', "field_invalid"],
    ["minus zero", '{"a":-0}', { a: -0 }],
    ["an integer beyond exact numbers", '{"a":9007199254740993}', { a: 9007199254740992 }],
    ["an escaped NUL", '{"a":"\\u0000"}', "field_invalid"],
    ["an escaped half of a pair", '{"a":"\\ud83d"}', "field_invalid"],
    ["an escaped pair", '{"a":"\\ud83d\\ude00"}', { a: "😀" }],
    ["an escaped half as a key", '{"\\udc00":1}', "field_invalid"],
    ["a byte order mark", "\ufeff{}", {}],
    ["16 levels", `{"a":${"[".repeat(15)}${"]".repeat(15)}}`, { a: nested(15) }],
    ["17 levels", `{"a":${"[".repeat(16)}${"]".repeat(16)}}`, "field_invalid"],
    ["a hundred thousand levels", `{"a":${"[".repeat(100_000)}${"]".repeat(100_000)}}`, "field_invalid"],
    ["a hundred thousand levels, open", "[".repeat(100_000), "malformed_json"],
    ["a hundred thousand objects, open", '{"a":'.repeat(100_000), "malformed_json"],
  ];
  for (const [what, body, result] of rows) {
    it(`${what}: ${typeof result === "string" ? result : "taken"}`, () =>
      assert.deepEqual(parsed(body), result));
  }
});

function nested(levels: number): unknown {
  let value: unknown = [];
  for (let n = 1; n < levels; n++) value = [value];
  return value;
}

const codeOf = (name: string): string => (name.codePointAt(0) ?? 0x78).toString(16).padStart(4, "0");
