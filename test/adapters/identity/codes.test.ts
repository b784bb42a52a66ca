import assert from "node:assert/strict";
import { proposeFactor, stepOf } from "../../../adapters/identity/codes.js";

/** RFC 6238, appendix B: the SHA-1 secret "12345678901234567890" in base32; its codes have eight digits there. */
const secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

describe("codes of the second factor", () => {
  const table: readonly (readonly [what: string, code: string, atS: number, step: number | undefined])[] = [
    ["the RFC's first vector", "287082", 59, 1],
    ["the RFC's second vector", "081804", 1_111_111_109, 37_037_036],
    ["typed with a space", "287 082", 59, 1],
    ["one step late", "287082", 89, 1],
    ["one step early", "287082", 29, 1],
    ["two steps late", "287082", 120, undefined],
    ["another code", "287083", 59, undefined],
    ["too short", "28708", 59, undefined],
    ["no digits", "28708a", 59, undefined],
    ["nothing", "", 59, undefined],
  ];
  for (const [what, code, atS, step] of table)
    it(`${what}: ${step ?? "refused"}`, () => assert.equal(stepOf(code, secret, atS * 1_000), step));

  it("a proposal has 160 bits and an address apps can read", () => {
    const { secret: proposed, uri } = proposeFactor("ann");
    assert.match(proposed, /^[A-Z2-7]{32}$/);
    const url = new URL(uri);
    assert.deepEqual(
      [url.protocol, url.host, url.searchParams.get("secret")],
      ["otpauth:", "totp", proposed],
    );
    assert.notEqual(proposeFactor("ann").secret, proposed);
  });
});
