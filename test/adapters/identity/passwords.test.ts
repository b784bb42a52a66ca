import assert from "node:assert/strict";
import { hashPassword, isPassword, passwordFlaw } from "../../../adapters/identity/passwords.js";

describe("passwords", () => {
  const table: readonly (readonly [what: string, password: string, flaw: RegExp | undefined])[] = [
    ["eleven characters", "a".repeat(11), /at least 12/],
    ["twelve of one kind", "a".repeat(12), undefined],
    ["twelve Chinese characters", "支付引擎操作控制台密码很", undefined],
    ["eleven emoji, which are more units of UTF-16", "😀".repeat(11), /at least 12/],
    ["256 characters", "a".repeat(256), undefined],
    ["257 characters", "a".repeat(257), /256/],
  ];
  for (const [what, password, flaw] of table)
    it(`${what}: ${flaw ? "refused" : "taken"}`, () => {
      const found = passwordFlaw(password);
      if (flaw) assert.match(found ?? "", flaw);
      else assert.equal(found, undefined);
    });

  it("argon2id with a salt of its own; the same password typed in another normal form is the same", async () => {
    const [one, other] = await Promise.all([
      hashPassword("correct horse é"),
      hashPassword("correct horse é"),
    ]);
    assert.match(one, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    assert.notEqual(one, other);
    assert.equal(await isPassword("correct horse e\u0301", one), true);
    assert.equal(await isPassword("correct horse e", one), false);
  });

  it("nobody's password is no password, whatever is typed", async () => {
    assert.equal(await isPassword("", null), false);
    assert.equal(await isPassword("anything at all", null), false);
  });
});
