/**
 * Messages signed in two headers, `<prefix>-timestamp` (epoch milliseconds) and `<prefix>-signature`: the base64
 * HMAC-SHA256 over `direction \n timestamp \n path \n raw body`. The direction is signed so that nobody can hand a
 * request back as its own answer; the path so that an answer to one operation cannot stand for another.
 */
import { createHmac, timingSafeEqual } from "node:crypto";
import type { Headers, Json } from "./dialect.js";

export type Direction = "request" | "response" | "callback";

/** How far the timestamp of a request or an answer may be from the reader's clock. */
export const signatureWindowMs = 300_000;

const base64OfSha256 = /^[A-Za-z0-9+/]{43}=$/;

export class HmacHeaders {
  readonly #timestamp: string;
  readonly #signature: string;

  constructor(
    prefix: string,
    private readonly secret: string,
  ) {
    this.#timestamp = `${prefix}-timestamp`;
    this.#signature = `${prefix}-signature`;
  }

  /** The two headers that sign `body`. */
  sign(direction: Direction, path: string, body: Uint8Array, nowMs: number): Record<string, string> {
    const timestamp = String(nowMs);
    const signature = this.#digest(direction, timestamp, path, body).toString("base64");
    return { [this.#timestamp]: timestamp, [this.#signature]: signature };
  }

  /**
   * Why the signature does not hold, or undefined when it does. Header names must be lower-case. `nowMs` absent: the
   * age is not judged.
   */
  fault(
    direction: Direction,
    path: string,
    headers: Headers,
    body: Uint8Array,
    nowMs?: number,
  ): string | undefined {
    const timestamp = headers[this.#timestamp];
    const signature = headers[this.#signature];
    if (typeof timestamp !== "string" || typeof signature !== "string")
      return "the signature headers are missing";
    if (!/^\d{1,15}$/.test(timestamp) || !base64OfSha256.test(signature))
      return "the signature headers are malformed";
    const expected = this.#digest(direction, timestamp, path, body);
    if (!timingSafeEqual(expected, Buffer.from(signature, "base64"))) return "the signature does not match";
    if (nowMs !== undefined && Math.abs(nowMs - Number(timestamp)) > signatureWindowMs)
      return "the timestamp is stale";
    return undefined;
  }

  #digest(direction: Direction, timestamp: string, path: string, body: Uint8Array): Buffer {
    const head = `${direction}\n${timestamp}\n${path}\n`;
    return createHmac("sha256", this.secret).update(head).update(body).digest();
  }
}

/** The JSON object in `body`, or undefined for anything else. */
export function parseObject(body: Uint8Array): Json | undefined {
  try {
    const value: unknown = JSON.parse(
      Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString("utf8"),
    );
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : undefined;
  } catch {
    return undefined;
  }
}
