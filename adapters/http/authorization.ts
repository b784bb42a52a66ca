/**
 * The signed `Authorization` header, both directions, and the text it signs. Server, CLI, tests and the SDK sample
 * share this file: two descriptions of the same bytes would drift apart.
 *
 *     VALENCE-HMAC-SHA256 merchant_id="demo",key_id="k1",timestamp="1700000000",nonce="n0nce-123",signature="base64"
 */
import type { MerchantKey } from "../../engine/ports/reference.js";

export type SignatureAlgorithm = MerchantKey["algorithm"];

/** HMAC-SHA256, and RSASSA-PKCS1-v1_5 with SHA-256. */
export const schemes: Readonly<Record<SignatureAlgorithm, string>> = {
  "hmac-sha256": "VALENCE-HMAC-SHA256",
  "rsa-sha256": "VALENCE-RSA-SHA256",
};

export interface SignedText {
  readonly method: string;
  /** Path with query, exactly as it stands in the request line. */
  readonly path: string;
  /** Unix seconds, the text of the header. */
  readonly timestamp: string;
  readonly nonce: string;
  /** The raw bytes: a body that was parsed and written again is another body. */
  readonly body: Uint8Array;
}

/** `METHOD \n path-with-query \n timestamp \n nonce \n raw body \n` */
export const canonicalRequest = (request: SignedText): Buffer =>
  Buffer.concat([
    Buffer.from(`${request.method}\n${request.path}\n${request.timestamp}\n${request.nonce}\n`, "utf8"),
    request.body,
    Buffer.from("\n"),
  ]);

export interface Authorization {
  readonly algorithm: SignatureAlgorithm;
  readonly merchantId: string;
  readonly keyId: string;
  /** Unix seconds as sent; it is part of the signed text. */
  readonly timestamp: string;
  readonly nonce: string;
  readonly signature: Buffer;
}

export const formatAuthorization = (authorization: Authorization): string =>
  `${schemes[authorization.algorithm]} merchant_id="${authorization.merchantId}",key_id="${authorization.keyId}",` +
  `timestamp="${authorization.timestamp}",nonce="${authorization.nonce}",` +
  `signature="${authorization.signature.toString("base64")}"`;

/** RSA with 8192 bits makes a signature of 1368 characters; nothing legitimate is longer than this. */
const headerCharsMax = 4096;

/** What each parameter may look like. Single character classes only: no input makes them backtrack. */
const parameterShapes: ReadonlyMap<string, RegExp> = new Map([
  ["merchant_id", /^[\x21-\x7e]{1,64}$/],
  ["key_id", /^[\x21-\x7e]{1,64}$/],
  ["timestamp", /^[0-9]{1,12}$/],
  ["nonce", /^[A-Za-z0-9_-]{8,64}$/],
  ["signature", /^[A-Za-z0-9+/=]{1,2048}$/],
]);

export type ParsedAuthorization =
  { readonly ok: true; readonly authorization: Authorization } | { readonly ok: false; readonly why: string };

const malformed = (why: string): ParsedAuthorization => ({ ok: false, why });

/** Reads the header strictly: known scheme, each parameter once, nothing else, canonical base64. */
export function parseAuthorization(header: string): ParsedAuthorization {
  if (header.length > headerCharsMax) return malformed(`longer than ${headerCharsMax} characters`);
  const space = header.indexOf(" ");
  const scheme = header.slice(0, space).toUpperCase();
  const algorithm = (Object.keys(schemes) as SignatureAlgorithm[]).find((name) => schemes[name] === scheme);
  if (space < 0 || !algorithm) return malformed(`the scheme must be ${Object.values(schemes).join(" or ")}`);

  const parameters = readParameters(header, space + 1);
  if (typeof parameters === "string") return malformed(parameters);
  const missing = [...parameterShapes.keys()].find((name) => !parameters.has(name));
  if (missing) return malformed(`${missing} is missing`);

  const value = (name: string): string => parameters.get(name) ?? "";
  const signature = Buffer.from(value("signature"), "base64");
  if (signature.toString("base64") !== value("signature")) return malformed("signature is not base64");
  return {
    ok: true,
    authorization: {
      algorithm,
      merchantId: value("merchant_id"),
      keyId: value("key_id"),
      timestamp: value("timestamp"),
      nonce: value("nonce"),
      signature,
    },
  };
}

/** `name="value",name="value"` from `start` on; the answer is the reason when it cannot be read. */
function readParameters(text: string, start: number): ReadonlyMap<string, string> | string {
  const found = new Map<string, string>();
  let at = start;
  for (;;) {
    const equals = text.indexOf('="', at);
    const close = equals < 0 ? -1 : text.indexOf('"', equals + 2);
    if (close < 0) return 'parameters must read name="value"';
    const name = text.slice(at, equals);
    const value = text.slice(equals + 2, close);
    const shape = parameterShapes.get(name);
    if (!shape) return "it has a parameter that is not known";
    if (found.has(name)) return `${name} is given twice`;
    if (!shape.test(value)) return `${name} has a value that is not allowed`;
    found.set(name, value);
    at = close + 1;
    if (at === text.length) return found;
    if (text[at] !== ",") return "parameters must be separated by a comma";
    at += text[at + 1] === " " ? 2 : 1;
  }
}
