/** Who is asking: the server's half of the signed request. Reads reference data and writes nothing. */
import {
  constants,
  createHmac,
  createPublicKey,
  randomBytes,
  timingSafeEqual,
  verify,
  type KeyObject,
} from "node:crypto";
import { limits } from "../../../engine/limits.js";
import type { Clock, Merchant, MerchantKey, Reference } from "../../../engine/ports/index.js";
import {
  canonicalRequest,
  parseAuthorization,
  type Authorization,
  type SignatureAlgorithm,
} from "../authorization.js";
import { refuse } from "../answer.js";

export interface SignedRequest {
  readonly method: string;
  /** Path with query as received. */
  readonly path: string;
  /** Every `Authorization` header of the request: two of them are one too many. */
  readonly authorization: readonly string[];
  /** The raw bytes; empty where there is no body. */
  readonly body: Uint8Array;
}

export interface Caller {
  /** May be frozen: whether that matters is the resource's business. */
  readonly merchant: Merchant;
  readonly nonce: string;
  /** Epoch milliseconds of the signature. */
  readonly timestampMs: number;
}

/**
 * @throws Refusal with one of the 401 codes.
 * @throws ValenceError `reference_stale`.
 */
export type Authenticate = (request: SignedRequest) => Promise<Caller>;

export function createAuthenticate(reference: Reference, clock: Clock): Authenticate {
  const standIns = createStandIns();
  return async (request) => {
    const authorization = readHeader(request.authorization);
    const timestampMs = Number(authorization.timestamp) * 1000;
    if (Math.abs(clock.nowMs() - timestampMs) > limits.signatureWindowMs) {
      throw refuse("timestamp_stale", "Sign with the current time; check the clock of the sending host.");
    }
    const [merchant, key] = await Promise.all([
      reference.merchant(authorization.merchantId),
      reference.key(authorization.merchantId, authorization.keyId),
    ]);
    const usable = key?.status === "active" && key.algorithm === authorization.algorithm;
    // The same work whoever asks: how long a refusal takes does not tell which merchants and keys exist.
    // A key is only ever used for its own algorithm: an RSA public key is no HMAC secret.
    const genuine = verifies(authorization, request, usable ? key : standIns[authorization.algorithm]);
    if (!merchant) throw refuse("merchant_unknown", "merchant_id names no merchant.");
    if (key?.status !== "active")
      throw refuse("key_unknown", "key_id names no key in force for this merchant.");
    if (!usable || !genuine) {
      throw refuse(
        "signature_invalid",
        "Sign exactly METHOD, path with query, timestamp, nonce and raw body, each ended by \\n.",
      );
    }
    return { merchant, nonce: authorization.nonce, timestampMs };
  };
}

function readHeader(headers: readonly string[]): Authorization {
  const [header, second] = headers;
  if (header === undefined) throw refuse("credentials_missing", "Send a signed Authorization header.");
  if (second !== undefined)
    throw refuse("credentials_malformed", "There is more than one Authorization header.");
  const parsed = parseAuthorization(header);
  if (!parsed.ok)
    throw refuse("credentials_malformed", `The Authorization header cannot be read: ${parsed.why}.`);
  return parsed.authorization;
}

function verifies(authorization: Authorization, request: SignedRequest, key: MerchantKey): boolean {
  const { timestamp, nonce, signature } = authorization;
  const text = canonicalRequest({
    method: request.method,
    path: request.path,
    timestamp,
    nonce,
    body: request.body,
  });
  if (key.algorithm === "hmac-sha256") {
    const expected = createHmac("sha256", key.material).update(text).digest();
    return signature.length === expected.length && timingSafeEqual(signature, expected);
  }
  const publicKey = publicKeyOf(key);
  if (publicKey.asymmetricKeyType !== "rsa") return false;
  return verify("sha256", text, { key: publicKey, padding: constants.RSA_PKCS1_PADDING }, signature);
}

/** Reading PEM costs more than a verification; reference data hands out the same object until it changes. */
const publicKeys = new WeakMap<MerchantKey, KeyObject>();

function publicKeyOf(key: MerchantKey): KeyObject {
  const known = publicKeys.get(key);
  if (known) return known;
  const publicKey = createPublicKey(key.material);
  publicKeys.set(key, publicKey);
  return publicKey;
}

/** Keys nobody can sign for, to verify against where there is no real one. */
function createStandIns(): Readonly<Record<SignatureAlgorithm, MerchantKey>> {
  const standIn = { keyId: "", merchantId: "", status: "active" } as const;
  const modulus = randomBytes(256);
  modulus[0] = modulus[0]! | 0x80;
  modulus[255] = modulus[255]! | 0x01;
  const jwk = { kty: "RSA", n: modulus.toString("base64url"), e: "AQAB" };
  const pem = createPublicKey({ key: jwk, format: "jwk" }).export({ type: "spki", format: "pem" }).toString();
  return {
    "hmac-sha256": { ...standIn, algorithm: "hmac-sha256", material: randomBytes(32).toString("base64") },
    "rsa-sha256": { ...standIn, algorithm: "rsa-sha256", material: pem },
  };
}
