/**
 * Figures and times as people read them, in the language of the console. Every function takes the BCP 47 tag that
 * `useFormat` hands in.
 */

/** Currencies whose minor unit is not a hundredth (ISO 4217). Intl knows habits of cash, which are others. */
const exponents: Readonly<Record<string, number>> = Object.fromEntries([
  ...[
    "BIF",
    "CLP",
    "DJF",
    "GNF",
    "ISK",
    "JPY",
    "KMF",
    "KRW",
    "PYG",
    "RWF",
    "UGX",
    "UYI",
    "VND",
    "VUV",
    "XAF",
    "XOF",
    "XPF",
  ].map((code) => [code, 0] as const),
  ...["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"].map((code) => [code, 3] as const),
]);

/** Digits after the point: 2 for CNY, 0 for JPY. */
export const fractionDigits = (currency: string): number => exponents[currency] ?? 2;

/** `money("en-GB", 123456, "CNY")` is `CN¥1,234.56`; exact, the amount never becomes a binary fraction. */
export function money(locale: string, amountMinor: number, currency: string): string {
  const fraction = fractionDigits(currency);
  const digits = String(Math.abs(amountMinor)).padStart(fraction + 1, "0");
  const whole = digits.slice(0, digits.length - fraction);
  const decimal = fraction === 0 ? whole : `${whole}.${digits.slice(-fraction)}`;
  try {
    return new Intl.NumberFormat(locale, {
      style: "currency",
      currency,
      minimumFractionDigits: fraction,
      maximumFractionDigits: fraction,
    }).format(`${amountMinor < 0 ? "-" : ""}${decimal}` as Intl.StringNumericLiteral);
  } catch {
    // No three letters: shown as it came, rather than not at all.
    return `${amountMinor < 0 ? "-" : ""}${decimal} ${currency}`;
  }
}

/** What a person typed, in minor units; undefined when it is no amount of this currency. `minorOf("10.5", "CNY")` is 1050. */
export function minorOf(text: string, currency: string): number | undefined {
  const fraction = fractionDigits(currency);
  const match = /^(\d{1,13})(?:\.(\d+))?$/.exec(text.trim().replaceAll(",", ""));
  const digits = match?.[2] ?? "";
  if (!match || digits.length > fraction) return undefined;
  const amountMinor = Number(`${match[1] ?? ""}${digits.padEnd(fraction, "0")}`);
  return Number.isSafeInteger(amountMinor) ? amountMinor : undefined;
}

export const count = (locale: string, value: number): string =>
  new Intl.NumberFormat(locale, { maximumFractionDigits: 0 }).format(value);

/** Three figures that matter: 1,234; 12.3; 0.123. */
export const rate = (locale: string, value: number): string =>
  new Intl.NumberFormat(locale, { maximumSignificantDigits: value >= 100 ? 4 : 3 }).format(value);

export const percent = (locale: string, share: number): string =>
  new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 1 }).format(share);

/** 14:03:07 */
export const time = (locale: string, atMs: number): string =>
  new Intl.DateTimeFormat(locale, { timeStyle: "medium", hourCycle: "h23" }).format(atMs);

/** 22 Nov 2026, 14:03:07 */
export const dateTime = (locale: string, atMs: number): string =>
  new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "medium", hourCycle: "h23" }).format(
    atMs,
  );

/** 14:03:07.123: where the order of two steps is asked for. */
export const preciseTime = (locale: string, atMs: number): string =>
  new Intl.DateTimeFormat(locale, {
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    fractionalSecondDigits: 3,
    hourCycle: "h23",
  }).format(atMs);

/** Largest first; a value is told in the first unit it fills. */
const units = [
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
  ["second", 1_000],
] as const;

/** 3.2 ms, 840 ms, 2.4 s, 3 min 20 s, 2 h 5 min. */
export function duration(locale: string, durationMs: number): string {
  const unit = (name: string, value: number, digits = 0): string =>
    new Intl.NumberFormat(locale, {
      style: "unit",
      unit: name,
      unitDisplay: "short",
      maximumFractionDigits: digits,
    }).format(value);
  if (durationMs < 10) return unit("millisecond", durationMs, 1);
  if (durationMs < 1_000) return unit("millisecond", durationMs);
  if (durationMs < 60_000) return unit("second", durationMs / 1_000, 1);
  const index = units.findIndex(([, unitMs]) => durationMs >= unitMs);
  const [name, unitMs] = units[index] ?? units[3];
  const [smaller, smallerMs] = units[index + 1] ?? units[3];
  const whole = Math.floor(durationMs / unitMs);
  const rest = Math.floor((durationMs % unitMs) / smallerMs);
  return rest === 0 ? unit(name, whole) : `${unit(name, whole)} ${unit(smaller, rest)}`;
}

/** "3 minutes ago", "in 2 hours". */
export function relativeTime(locale: string, atMs: number, nowMs: number): string {
  const differenceMs = atMs - nowMs;
  const [name, unitMs] = units.find(([, each]) => Math.abs(differenceMs) >= each) ?? units[3];
  return new Intl.RelativeTimeFormat(locale, { numeric: "auto" }).format(
    Math.round(differenceMs / unitMs),
    name,
  );
}
