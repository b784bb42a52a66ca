import assert from "node:assert/strict";
import fc from "fast-check";
import { v7 } from "uuid";
import { deriveId, deriveTimedId, isId, runDayOf, timestampOf } from "../../engine/ids.js";

const parts = fc.array(fc.string(), { minLength: 1, maxLength: 4 });

describe("ids: what an integrator names has one id, everywhere", () => {
  it("the same name gives the same id, in this release and the next", () => {
    assert.equal(deriveId("order", "demo", "A-1001"), deriveId("order", "demo", "A-1001"));
    // Computed apart from this code: SHA-256 over 4-byte big-endian lengths and UTF-8 parts, version 8, RFC variant.
    assert.equal(deriveId("order", "demo", "A-1001"), "b21a8c54-f416-8f07-9b14-8d8433a2dc65");
  });

  it("another kind, merchant or reference gives another id", () => {
    const ids = [
      ["order", "m", "1"],
      ["refund", "m", "1"],
      ["order", "n", "1"],
      ["order", "m", "2"],
    ] as const;
    assert.equal(new Set(ids.map(([kind, ...reference]) => deriveId(kind, ...reference))).size, ids.length);
  });

  it("moving a character from one part to the next gives another id", () => {
    assert.notEqual(deriveId("order", "ab", "c"), deriveId("order", "a", "bc"));
    assert.notEqual(deriveId("order", "ab"), deriveId("order", "a", "b"));
    fc.assert(
      fc.property(parts, parts, (a, b) => {
        const same = JSON.stringify(a) === JSON.stringify(b);
        assert.equal(deriveId("order", ...a) === deriveId("order", ...b), same);
      }),
    );
  });

  it("is a UUIDv8 of the RFC variant", () => {
    fc.assert(fc.property(parts, (names) => assert.match(deriveId("order", ...names), /^.{14}8.{4}[89ab]/)));
    fc.assert(fc.property(parts, (names) => assert.ok(isId(deriveId("order", ...names)))));
  });
});

describe("ids: a timed id says when", () => {
  const atMs = Date.UTC(2025, 1, 28, 23, 59, 59, 999);
  const source = v7({ msecs: atMs });

  it("a UUIDv7 carries its millisecond and its UTC day", () => {
    assert.equal(timestampOf(source), atMs);
    assert.equal(runDayOf(source), "2025-02-28");
    assert.equal(runDayOf(v7({ msecs: atMs + 1 })), "2025-03-01");
  });

  it("a derived timed id has its source's time, and is the same on every delivery", () => {
    const derived = deriveTimedId(source, "event");
    assert.equal(deriveTimedId(source, "event"), derived);
    assert.notEqual(deriveTimedId(source, "other"), derived);
    assert.equal(timestampOf(derived), atMs);
    assert.match(derived, /^.{14}7.{4}[89ab]/);
  });
});

describe("ids: only ids of this engine are ids", () => {
  const rows = [
    ["0195a1b2-c3d4-7e5f-8a6b-7c8d9e0f1a2b", true],
    ["0195a1b2-c3d4-8e5f-8a6b-7c8d9e0f1a2b", true],
    ["0195a1b2-c3d4-4e5f-8a6b-7c8d9e0f1a2b", false],
    ["0195a1b2-c3d4-7e5f-0a6b-7c8d9e0f1a2b", false],
    ["0195A1B2-C3D4-7E5F-8A6B-7C8D9E0F1A2B", false],
    ["0195a1b2c3d47e5f8a6b7c8d9e0f1a2b", false],
    ["0195a1b2-c3d4-7e5f-8a6b-7c8d9e0f1a2b\n", false],
    ["", false],
  ] as const;
  for (const [text, expected] of rows)
    it(`${JSON.stringify(text)}: ${expected}`, () => assert.equal(isId(text), expected));
});
