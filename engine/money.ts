/**
 * Money is an integer count of minor units and an ISO 4217 code. This file is the only place that knows exponents.
 * Source: ISO 4217 list one, active currencies; funds codes, metals and test codes are left out.
 */
const EXPONENT_0 = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF";
const EXPONENT_3 = "BHD IQD JOD KWD LYD OMR TND";
const EXPONENT_2 =
  "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY COP " +
  "CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR " +
  "IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN " +
  "NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP " +
  "STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VED VES WST XCD YER ZAR ZMW ZWG";

const exponents: ReadonlyMap<string, number> = new Map([
  ...EXPONENT_0.split(" ").map((code) => [code, 0] as const),
  ...EXPONENT_2.split(" ").map((code) => [code, 2] as const),
  ...EXPONENT_3.split(" ").map((code) => [code, 3] as const),
]);

export const currencies: readonly string[] = [...exponents.keys()].sort();

/** Minor units as people read them: `formatMinor(1050, "CNY")` is `"10.50 CNY"`. Throws on an unknown currency. */
export function formatMinor(amountMinor: number, currency: string): string {
  const exponent = exponents.get(currency);
  if (exponent === undefined) throw new RangeError(`unknown currency ${currency}`);
  const digits = String(Math.abs(amountMinor)).padStart(exponent + 1, "0");
  const whole = digits.slice(0, digits.length - exponent);
  const sign = amountMinor < 0 ? "-" : "";
  return exponent === 0
    ? `${sign}${whole} ${currency}`
    : `${sign}${whole}.${digits.slice(-exponent)} ${currency}`;
}
