/**
 * Two kinds of identifiers.
 * - Derived (UUIDv8, RFC 9562 section 5.8): what an integrator names. The same name gives the same id in every
 *   process, so a repeated submission cannot create a second one and nothing has to be looked up first.
 * - Time-ordered (UUIDv7): everything else. Its first 48 bits are Unix milliseconds, from which `runDay` follows.
 */
import { hash } from "node:crypto";

/** Holds the parts of nearly every id; whatever is longer gets a buffer of its own. */
const scratch = Buffer.alloc(1024);
const bytesPerCharMax = 3;

/** SHA-256 over length-prefixed parts, in hexadecimal: ("ab","c") and ("a","bc") differ. */
function digest(parts: readonly string[]): string {
  const most = parts.reduce((sum, part) => sum + 4 + part.length * bytesPerCharMax, 0);
  const bytes = most <= scratch.length ? scratch : Buffer.alloc(most);
  let end = 0;
  for (const part of parts) {
    const length = bytes.write(part, end + 4, "utf8");
    bytes.writeUInt32BE(length, end);
    end += 4 + length;
  }
  return hash("sha256", bytes.subarray(0, end), "hex");
}

/** What follows the first 12 hexadecimal digits, version and variant in their places. */
const tail = (version: 7 | 8, hex: string): string =>
  `${version}${hex.slice(13, 16)}-${variantOf(hex)}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;

const variantOf = (hex: string): string => "89ab"[Number.parseInt(hex.charAt(16), 16) & 3]!;

/** The id of what a merchant names, e.g. `deriveId("order", merchantId, merchantOrderId)`. */
export function deriveId(kind: string, ...reference: readonly string[]): string {
  const hex = digest([kind, ...reference]);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${tail(8, hex)}`;
}

/**
 * An id that inherits the timestamp of `source` (UUIDv7) and is otherwise a function of `source` and `label`:
 * the second delivery of an event starts the run that the first one started.
 */
export const deriveTimedId = (source: string, label: string): string =>
  `${source.slice(0, timeChars)}-${tail(7, digest([source, label]))}`;
/** Of a UUIDv7, its dash included. */
const timeChars = 13;

/** An id of the moment `atMs` that is otherwise a function of what it is named by: due work starts its run once. */
export function deriveIdAt(atMs: number, ...reference: readonly string[]): string {
  const time = atMs.toString(16).padStart(12, "0");
  return `${time.slice(0, 8)}-${time.slice(8)}-${tail(7, digest(reference))}`;
}

/** Unix milliseconds of a UUIDv7. */
export const timestampOf = (uuidv7: string): number =>
  Number.parseInt(uuidv7.slice(0, 8) + uuidv7.slice(9, 13), 16);

/** The UTC day of a UUIDv7 as `YYYY-MM-DD`: the journal partition of the run. */
export function runDayOf(runId: string): string {
  const day = Math.floor(timestampOf(runId) / dayMs);
  if (day !== lastDay.day) lastDay = { day, text: new Date(day * dayMs).toISOString().slice(0, 10) };
  return lastDay.text;
}
const dayMs = 86_400_000;
/** Runs of one moment are of one day. */
let lastDay = { day: -1, text: "" };

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[78][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
/** True for the canonical text of an id this engine issues (version 7 or 8). */
export const isId = (text: string): boolean => UUID.test(text);
