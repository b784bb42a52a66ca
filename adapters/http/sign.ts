/** The client's half of the authentication: used by the CLI, the tests and the SDK sample. */
import { constants, createHmac, sign } from "node:crypto";
import { canonicalRequest, formatAuthorization } from "./authorization.js";

export type SigningKey =
  | { readonly algorithm: "hmac-sha256"; readonly secret: string }
  | { readonly algorithm: "rsa-sha256"; readonly privateKeyPem: string };

export type RequestToSign = SigningKey & {
  /** Upper case. */
  readonly method: string;
  /** Path with query, exactly as it will stand in the request line. */
  readonly path: string;
  /** What will be sent, byte for byte; empty for a GET. */
  readonly body: string | Uint8Array;
  readonly merchantId: string;
  readonly keyId: string;
  /** Epoch milliseconds; the header carries whole seconds. */
  readonly nowMs: number;
  /** 8 to 64 characters of `A-Za-z0-9_-`, never used before by this merchant. */
  readonly nonce: string;
};

/** The value of the `Authorization` header. */
export function signRequest(request: RequestToSign): string {
  const timestamp = String(Math.floor(request.nowMs / 1000));
  const body = typeof request.body === "string" ? Buffer.from(request.body, "utf8") : request.body;
  const text = canonicalRequest({ ...request, timestamp, body });
  const signature =
    request.algorithm === "hmac-sha256"
      ? createHmac("sha256", request.secret).update(text).digest()
      : sign("sha256", text, { key: request.privateKeyPem, padding: constants.RSA_PKCS1_PADDING });
  return formatAuthorization({ ...request, timestamp, signature });
}
