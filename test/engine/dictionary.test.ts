import assert from "node:assert/strict";
import fc from "fast-check";
import { maskFields, maskValue } from "../../engine/dictionary.js";
import type { Dictionary } from "../../engine/dictionary.js";

const dictionary: Dictionary = {
  merchantId: { title: "merchant", schema: { type: "string" } },
  amount: { title: "minor units", schema: { type: "integer" }, class: "open" },
  cardNumber: { title: "PAN", schema: { type: "string" }, class: "seal" },
  phone: { title: "phone", schema: { type: "string" }, class: "mask" },
  headers: { title: "headers", schema: { type: "object" }, class: "mask" },
};

describe("dictionary: a masked field is unreadable wherever it is shown", () => {
  const rows: readonly (readonly [unknown, string])[] = [
    ["6222021234567890", "************7890"],
    ["12345", "*2345"],
    ["1234", "***"],
    ["", "***"],
    [1234567890, "***"],
    [{ authorization: "secret" }, "***"],
    [["6222021234567890"], "***"],
    [null, "***"],
    [undefined, "***"],
  ];
  for (const [value, masked] of rows) {
    it(`${JSON.stringify(value)} becomes ${masked}`, () => assert.equal(maskValue(value), masked));
  }

  it("open fields stay, masked and sealed ones are masked, unknown ones too", () => {
    const fields = {
      merchantId: "demo",
      amount: 100,
      cardNumber: "6222021234567890",
      phone: "13800138000",
      headers: { cookie: "x" },
      surprise: "never declared",
    };
    assert.deepEqual(maskFields(dictionary, fields), {
      merchantId: "demo",
      amount: 100,
      cardNumber: "************7890",
      phone: "*******8000",
      headers: "***",
      surprise: "**********ared",
    });
    assert.equal(fields.cardNumber, "6222021234567890", "the original is untouched");
  });

  it("never shows more than the last four characters", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 5 }), (text) => {
        assert.match(maskValue(text).slice(0, -4), /^\**$/);
      }),
    );
  });
});
