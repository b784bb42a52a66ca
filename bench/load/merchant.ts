/**
 * The merchant of a measurement: verifies each notification as Standard Webhooks has it (`webhook-signature`: base64
 * HMAC-SHA256 over `id.timestamp.body`, one of several `v1,…`) and answers 200.
 */
import { createHmac, timingSafeEqual } from "node:crypto";
import { webhookSecret } from "../world.js";
import type { Posted, Reply } from "./http.js";

const key = Buffer.from(webhookSecret.slice("whsec_".length), "base64");
const toleranceSeconds = 300;

const taken: Reply = { status: 200, headers: { "content-type": "text/plain" }, body: Buffer.from("success") };
const refused: Reply = {
  status: 400,
  headers: { "content-type": "text/plain" },
  body: Buffer.from("refused"),
};

export interface Notification {
  /** `order.paid` when all went well. */
  readonly type: string;
  readonly data: { readonly merchantOrderId: string; readonly amount: number; readonly status: string };
}

/** True when one of the signatures holds and the timestamp is near. */
export function verified({ headers, body }: Pick<Posted, "headers" | "body">, nowMs: number): boolean {
  const id = headers["webhook-id"];
  const timestamp = headers["webhook-timestamp"];
  const signatures = headers["webhook-signature"];
  if (id === undefined || timestamp === undefined || signatures === undefined) return false;
  if (!(Math.abs(nowMs / 1000 - Number(timestamp)) <= toleranceSeconds)) return false;
  const expected = createHmac("sha256", key).update(`${id}.${timestamp}.`).update(body).digest();
  return signatures.split(" ").some((signature) => {
    if (!signature.startsWith("v1,")) return false;
    const given = Buffer.from(signature.slice(3), "base64");
    return given.length === expected.length && timingSafeEqual(given, expected);
  });
}

/** `told`: the notification, or undefined for one that is forged or cannot be read. */
export const merchantAnswer =
  (told: (notification: Notification | undefined) => void) =>
  (posted: Posted): Reply => {
    const notification = verified(posted, Date.now()) ? read(posted.body) : undefined;
    told(notification);
    return notification ? taken : refused;
  };

function read(body: Buffer): Notification | undefined {
  try {
    const { type, data } = JSON.parse(body.toString("utf8")) as Partial<Notification>;
    return typeof type === "string" && typeof data?.merchantOrderId === "string" ? { type, data } : undefined;
  } catch {
    return undefined;
  }
}
