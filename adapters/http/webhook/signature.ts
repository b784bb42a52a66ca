/**
 * The signature of Standard Webhooks: HMAC-SHA256 over `id.timestamp.body`, with the bytes of a base64 secret.
 * Source: the Standard Webhooks specification, "Signature scheme".
 */
import { createHmac } from "node:crypto";

const prefix = "whsec_";
const base64 = /^[A-Za-z0-9+/]+={0,2}$/;

/** The value of `webhook-signature`. @throws Error when the secret is not base64; it does not quote it */
export function webhookSignature(secret: string, id: string, timestampS: number, body: string): string {
  const encoded = secret.startsWith(prefix) ? secret.slice(prefix.length) : secret;
  if (!base64.test(encoded)) throw new Error("the merchant's webhook secret cannot be read");
  const key = Buffer.from(encoded, "base64");
  return `v1,${createHmac("sha256", key).update(`${id}.${timestampS}.${body}`, "utf8").digest("base64")}`;
}
