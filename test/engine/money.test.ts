import assert from "node:assert/strict";
import fc from "fast-check";
import { limits } from "../../engine/limits.js";
import { currencies, formatMinor } from "../../engine/money.js";

describe("money: minor units are shown with the currency's own exponent", () => {
  const rows: readonly (readonly [number, string, string])[] = [
    [1050, "CNY", "10.50 CNY"],
    [5, "CNY", "0.05 CNY"],
    [0, "USD", "0.00 USD"],
    [100, "JPY", "100 JPY"],
    [1, "KWD", "0.001 KWD"],
    [123456, "BHD", "123.456 BHD"],
    [-5, "EUR", "-0.05 EUR"],
    [-1050, "JPY", "-1050 JPY"],
    [limits.amountMinorMax, "CNY", "90071992547409.91 CNY"],
  ];
  for (const [amountMinor, currency, text] of rows) {
    it(`${amountMinor} ${currency} is ${text}`, () => assert.equal(formatMinor(amountMinor, currency), text));
  }

  it("no digit is lost: the text without its point is the amount", () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), fc.constantFrom(...currencies), (amountMinor, currency) => {
        assert.equal(Number(formatMinor(amountMinor, currency).slice(0, -4).replace(".", "")), amountMinor);
      }),
    );
  });

  it("an unknown currency is refused, not guessed", () => {
    for (const currency of ["XXX", "cny", "", "constructor"]) {
      assert.throws(() => formatMinor(1, currency), RangeError);
    }
  });

  it("currencies are sorted, unique ISO 4217 codes, without metals, funds and test codes", () => {
    assert.deepEqual(currencies, [...new Set(currencies)].sort());
    assert.ok(currencies.every((code) => /^[A-Z]{3}$/.test(code)));
    assert.deepEqual(
      currencies.filter((code) => ["XAU", "XTS", "XXX", "CHE", "USN"].includes(code)),
      [],
    );
    assert.ok(["CNY", "USD", "EUR", "JPY", "KWD"].every((code) => currencies.includes(code)));
  });
});
