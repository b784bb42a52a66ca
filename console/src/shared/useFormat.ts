import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { localeOf } from "../i18n";
import * as format from "./format";

export interface Format {
  readonly locale: string;
  money(amountMinor: number, currency: string): string;
  count(value: number): string;
  rate(perSecond: number): string;
  percent(share: number): string;
  time(atMs: number): string;
  dateTime(atMs: number): string;
  preciseTime(atMs: number): string;
  duration(durationMs: number): string;
  relativeTime(atMs: number, nowMs?: number): string;
}

/** The functions of `format.ts` in the language the person chose. */
export function useFormat(): Format {
  const { i18n } = useTranslation();
  const locale = localeOf(i18n.language);
  return useMemo(
    () => ({
      locale,
      money: (amountMinor, currency) => format.money(locale, amountMinor, currency),
      count: (value) => format.count(locale, value),
      rate: (value) => format.rate(locale, value),
      percent: (share) => format.percent(locale, share),
      time: (atMs) => format.time(locale, atMs),
      dateTime: (atMs) => format.dateTime(locale, atMs),
      preciseTime: (atMs) => format.preciseTime(locale, atMs),
      duration: (durationMs) => format.duration(locale, durationMs),
      relativeTime: (atMs, nowMs = Date.now()) => format.relativeTime(locale, atMs, nowMs),
    }),
    [locale],
  );
}
