/**
 * Two kinds of identifiers.
 * - Derived (UUIDv8, RFC 9562 section 5.8): what an integrator names. The same name gives the same id in every
 *   process, so a repeated submission cannot create a second one and nothing has to be looked up first.
 * - Time-ordered (UUIDv7): everything else. Its first 48 bits are Unix milliseconds, from which `runDay` follows.
 */
import { hash } from "node:crypto";

const hexToUuid = (hex: string): string =>
  `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20, 32)}`;

/** Holds the parts of nearly every id; whatever is longer gets a buffer of its own. */
const scratch = Buffer.alloc(1024);
const bytesPerCharMax = 3;

/** SHA-256 over length-prefixed parts: ("ab","c") and ("a","bc") differ. */
function digest(parts: readonly string[]): Buffer {
  const most = parts.reduce((sum, part) => sum + 4 + part.length * bytesPerCharMax, 0);
  const bytes = most <= scratch.length ? scratch : Buffer.alloc(most);
  let end = 0;
  for (const part of parts) {
    const length = bytes.write(part, end + 4, "utf8");
    bytes.writeUInt32BE(length, end);
    end += 4 + length;
  }
  return hash("sha256", bytes.subarray(0, end), "buffer");
}

function stamp(bytes: Buffer, version: 7 | 8): string {
  bytes[6] = (bytes[6]! & 0x0f) | (version << 4);
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  return hexToUuid(bytes.toString("hex", 0, 16));
}

/** The id of what a merchant names, e.g. `deriveId("order", merchantId, merchantOrderId)`. */
export const deriveId = (kind: string, ...reference: readonly string[]): string =>
  stamp(digest([kind, ...reference]), 8);

/**
 * An id that inherits the timestamp of `source` (UUIDv7) and is otherwise a function of `source` and `label`:
 * the second delivery of an event starts the run that the first one started.
 */
export function deriveTimedId(source: string, label: string): string {
  const bytes = digest([source, label]);
  bytes.write(source.slice(0, 8) + source.slice(9, 13), 0, "hex");
  return stamp(bytes, 7);
}

/** An id of the moment `atMs` that is otherwise a function of what it is named by: due work starts its run once. */
export function deriveIdAt(atMs: number, ...reference: readonly string[]): string {
  const bytes = digest(reference);
  bytes.writeUIntBE(atMs, 0, 6);
  return stamp(bytes, 7);
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
