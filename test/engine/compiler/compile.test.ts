import assert from "node:assert/strict";
import fc from "fast-check";
import { compile } from "../../../engine/compiler/compile.js";
import { definitionFiles, sound } from "./definitions.js";
import { said } from "./cases/case.js";
import { vocabulary } from "./vocabulary.js";

describe("compile: nothing it is given makes it throw", function () {
  this.timeout(60_000);
  const path = fc.constantFrom(...Object.keys(sound), "notes.txt", "transactions/x.json", "__proto__", "");

  it("any text in any file", () => {
    fc.assert(
      fc.property(path, fc.string({ unit: "binary", maxLength: 200 }), (file, text) => {
        compile([{ path: file, text }], vocabulary);
      }),
      { numRuns: 500 },
    );
  });

  it("any JSON in place of a file", () => {
    fc.assert(
      fc.property(path, fc.json({ maxDepth: 5 }), (file, text) => {
        compile(definitionFiles({ [file]: text }), vocabulary);
      }),
      { numRuns: 60 },
    );
  });

  it("any JSON in any place of a sound file: what compiles has plans, what does not says why", () => {
    const places = Object.entries(sound).flatMap(([file, value]) =>
      pointers(value).map((at) => ({ file, at })),
    );
    const names = fc.constantFrom(
      "constructor",
      "toString",
      "exhausted",
      "timeout",
      "conflict",
      "ok",
      "pay",
      "end:ok",
    );
    fc.assert(
      fc.property(
        fc.constantFrom(...places),
        fc.oneof(fc.jsonValue({ maxDepth: 2 }), names),
        ({ file, at }, value) => {
          const replacement = JSON.parse(JSON.stringify(value)) as string;
          const result = compile(definitionFiles({ [file]: { [at]: replacement } }), vocabulary);
          if (result.ok) assert.equal(result.compiled.plans.length, 2);
          else assert.ok(result.diagnostics.length > 0);
        },
      ),
      { numRuns: 150 },
    );
  });

  it("the same input gives the same answer", () => {
    const files = { "pay.flow.json": { "/stages/charge/on/unknown": "end:failed", "/input/-": "colour" } };
    assert.deepEqual(said(files), said(files));
    assert.deepEqual(compile(definitionFiles(), vocabulary), compile(definitionFiles(), vocabulary));
  });

  it("no files at all are an empty, sound set", () => {
    assert.deepEqual(compile([], vocabulary), { ok: true, compiled: { plans: [], types: [] } });
  });

  it("does not change what it is given", () => {
    const files = Object.freeze(definitionFiles().map((file) => Object.freeze(file)));
    assert.ok(compile(files, vocabulary).ok);
  });
});

/** JSON pointers to everything inside a value. */
function pointers(value: unknown, at = ""): readonly string[] {
  if (typeof value !== "object" || value === null) return [at];
  return [at, ...Object.entries(value).flatMap(([key, member]) => pointers(member, `${at}/${key}`))];
}
