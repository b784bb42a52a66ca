/**
 * The wire format of the Harbour gateway, both directions: a form whose `sign` is the upper-case hex HMAC-SHA256 over
 * `key=value` of all other fields that are not empty, sorted by key and joined by `&`, before URL encoding.
 */
import { createHmac, timingSafeEqual } from "node:crypto";

export type Form = Readonly<Record<string, string>>;

export const contentType = "application/x-www-form-urlencoded;charset=utf-8";
/** Everything is posted here; the field `service` says what is wanted. */
export const gatewayPath = "/gateway.do";
/** How far `time` of a question or an answer may be from the reader's clock. */
export const timeWindowMs = 300_000;

function signatureOf(form: Form, secret: string): string {
  const text = Object.entries(form)
    .filter(([key, value]) => key !== "sign" && value !== "")
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}=${value}`)
    .join("&");
  return createHmac("sha256", secret).update(text).digest("hex").toUpperCase();
}

/** `undefined` fields are left out. `time` is in epoch seconds. */
export function writeForm(
  fields: Readonly<Record<string, string | undefined>>,
  secret: string,
  nowMs: number,
): Buffer {
  const entries = Object.entries({ ...fields, time: String(Math.floor(nowMs / 1000)) });
  const form = Object.fromEntries(
    entries.filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
  return Buffer.from(new URLSearchParams({ ...form, sign: signatureOf(form, secret) }).toString());
}

/** A field given twice makes two readers see two messages: no form at all. */
export function parseForm(body: Uint8Array): Form | undefined {
  const pairs = [...new URLSearchParams(Buffer.from(body).toString("utf8"))];
  const form = Object.fromEntries(pairs);
  return Object.keys(form).length === pairs.length ? form : undefined;
}

/** Why the form cannot be trusted, or undefined when it can. `nowMs` absent: the age is not judged. */
export function formFault(form: Form, secret: string, nowMs?: number): string | undefined {
  const { sign = "", time = "" } = form;
  if (!/^[0-9A-F]{64}$/.test(sign)) return "sign is missing or malformed";
  const expected = Buffer.from(signatureOf(form, secret), "hex");
  if (!timingSafeEqual(expected, Buffer.from(sign, "hex"))) return "sign does not match";
  if (nowMs === undefined) return undefined;
  const fresh = /^\d{1,12}$/.test(time) && Math.abs(nowMs - Number(time) * 1000) <= timeWindowMs;
  return fresh ? undefined : "time is stale";
}

/** 1205 -> "12.05" */
export const yuanOf = (amountMinor: number): string =>
  `${Math.floor(amountMinor / 100)}.${String(amountMinor % 100).padStart(2, "0")}`;

/** "12.05" -> 1205; undefined for anything else, "12.5" and "012.05" included. */
export function minorOf(yuan: string | undefined): number | undefined {
  const match = /^(0|[1-9]\d{0,12})\.(\d\d)$/.exec(yuan ?? "");
  return match ? Number(match[1]) * 100 + Number(match[2]) : undefined;
}
