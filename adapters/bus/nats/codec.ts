/**
 * A publication on the wire: one JSON object. Its queue is not in it, the subject says it; `Nats-Msg-Id` repeats the
 * publication id, by which the server drops duplicates.
 */
import type { Publication } from "../../../engine/ports/broker.js";

/** Raised when the object changes its meaning; an older process then keeps the message as malformed. */
const version = 1;

export function encode(publication: Publication): string {
  const { queue: _, ...fields } = publication;
  return JSON.stringify({ v: version, ...fields });
}

type Check = (value: unknown) => boolean;

const text: Check = (value) => typeof value === "string" && value !== "";
const count: Check = (value) => Number.isSafeInteger(value) && (value as number) >= 0;
const optional =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value);
const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const checks: Readonly<Record<keyof Omit<Publication, "queue">, Check>> = {
  publicationId: text,
  messageId: text,
  type: text,
  body: isObject,
  correlationId: optional(text),
  replyTo: optional(text),
  deliveryCount: count,
  readyAtMs: count,
  expiresAtMs: optional(count),
};

/** As JSON: an object may call anything its `toString`. */
const shown = (value: unknown): string => String(JSON.stringify(value)).slice(0, 80);

/** @throws Error that says what is wrong: whatever has the password may publish. */
export function decode(queue: string, bytes: Uint8Array): Publication {
  const parsed: unknown = JSON.parse(
    Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString(),
  );
  if (!isObject(parsed)) throw new Error("not an object");
  const { v, ...fields } = parsed;
  if (v !== version) throw new Error(`version ${shown(v)} instead of ${version}`);
  const publication: Record<string, unknown> = { queue };
  for (const [field, check] of Object.entries(checks)) {
    const value = fields[field];
    if (!check(value)) throw new Error(`${field} is missing or has the wrong type`);
    if (value !== undefined) publication[field] = value;
  }
  return publication as unknown as Publication;
}
