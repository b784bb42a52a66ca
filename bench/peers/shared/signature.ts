/** The signatures of the benchmark's world, in node's own crypto: the fastest there is here. */
import { createHmac, timingSafeEqual } from "node:crypto";

const shape =
  /^VALENCE-HMAC-SHA256 merchant_id="([^"]{1,64})",key_id="([^"]{1,64})",timestamp="(\d{1,12})",nonce="([\w-]{8,64})",signature="([A-Za-z0-9+/=]{44})"$/;
const windowSeconds = 300;

export interface SignedOrder {
  readonly merchantId: string;
  readonly keyId: string;
  readonly timestamp: string;
  readonly nonce: string;
  readonly signature: Buffer;
}

export function parseAuthorization(header: string | undefined): SignedOrder | undefined {
  const [, merchantId, keyId, timestamp, nonce, signature] = shape.exec(header ?? "") ?? [];
  if (!merchantId || !keyId || !timestamp || !nonce || !signature) return undefined;
  return { merchantId, keyId, timestamp, nonce, signature: Buffer.from(signature, "base64") };
}

/** Over `METHOD \n path \n timestamp \n nonce \n body \n`, within five minutes. Nonces are not kept, in the peers' favour. */
export function orderHolds(
  { timestamp, nonce, signature }: SignedOrder,
  secret: string,
  path: string,
  body: Buffer,
): boolean {
  if (Math.abs(Date.now() / 1000 - Number(timestamp)) > windowSeconds) return false;
  const expected = createHmac("sha256", secret)
    .update(`POST\n${path}\n${timestamp}\n${nonce}\n`)
    .update(body)
    .update("\n")
    .digest();
  return expected.length === signature.length && timingSafeEqual(expected, signature);
}

/** Of the channel: over `direction \n timestamp \n path \n body`, base64. */
export const channelDigest = (
  direction: "request" | "response",
  timestamp: string,
  path: string,
  body: string,
  secret: string,
): Buffer => createHmac("sha256", secret).update(`${direction}\n${timestamp}\n${path}\n${body}`).digest();

/** Standard Webhooks: over `id.timestamp.body`. */
export const webhookSignature = (id: string, timestamp: string, body: string, key: Buffer): string =>
  `v1,${createHmac("sha256", key).update(`${id}.${timestamp}.${body}`).digest("base64")}`;
