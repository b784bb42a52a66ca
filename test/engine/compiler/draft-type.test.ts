import assert from "node:assert/strict";
import { vocabulary } from "../../../atoms/index.js";
import { compile } from "../../../engine/compiler/compile.js";
import { draftType } from "../../../engine/compiler/draft-type.js";
import { shippedFiles } from "../../support/shipped.js";

const gift = { flow: "pay", title: "Gift", set: { business: "topup" } };
const textOf = (text: string | undefined): string | undefined => {
  const files = text === undefined ? [] : [{ path: "types.json", text }];
  return draftType(files, "gift", { flow: "pay", title: "Gift" })[0]?.text;
};
const line = '"gift": { "flow": "pay", "title": "Gift" }';

describe("draft of a transaction type", () => {
  it("adds one line to what is shipped, leaves every other character, and compiles", () => {
    const drafted = draftType(shippedFiles, "gift", gift);
    const [before, after] = [shippedFiles, drafted].map(
      (files) => files.find(({ path }) => path === "types.json")!.text,
    );
    const added = after!.replace(
      ',\n  "gift": { "flow": "pay", "title": "Gift", "set": { "business": "topup" } }',
      "",
    );
    assert.equal(added, before);
    const result = compile(drafted, vocabulary);
    assert.ok(result.ok && result.compiled.types.some(({ type }) => type === "gift"));
  });

  const texts: readonly (readonly [string, string | undefined, string])[] = [
    ["no file", undefined, `{\n  ${line}\n}\n`],
    ["nothing in it", "{}\n", `{\n  ${line}\n}\n`],
    ["comments", '{\n  // ours\n  "a": {} /* b */\n}\n', `{\n  // ours\n  "a": {},\n  ${line} /* b */\n}\n`],
  ];
  for (const [what, text, expected] of texts)
    it(`${what}: the line goes where it belongs`, () => {
      assert.equal(textOf(text), expected);
    });

  it("a type that is there, and a file that cannot be read, are refused", () => {
    assert.throws(() => draftType(shippedFiles, "pay", gift), { code: "field_invalid" });
    for (const text of ["{", "7", "[]", "null"])
      assert.throws(() => draftType([{ path: "types.json", text }], "gift", gift), { code: "field_invalid" });
  });

  it("a name like a member of Object is a name", () => {
    const [file] = draftType([{ path: "types.json", text: "{}" }], "constructor", gift);
    assert.match(file!.text, /"constructor": \{/);
  });
});
