import { strict as assert } from "node:assert";
import { createHmac, createVerify, generateKeyPairSync } from "node:crypto";
import {
  canonicalRequest,
  formatAuthorization,
  parseAuthorization,
} from "../../../adapters/http/authorization.js";
import { signRequest } from "../../../adapters/http/sign.js";

const request = {
  method: "POST",
  path: "/v1/orders?x=1",
  body: '{"amount":1}',
  merchantId: "demo",
  keyId: "k1",
  nowMs: 1_700_000_000_999,
  nonce: "nonce-0001",
} as const;
const signedText = 'POST\n/v1/orders?x=1\n1700000000\nnonce-0001\n{"amount":1}\n';

describe("the Authorization header", () => {
  it("signs exactly the lines of the contract", () => {
    const text = canonicalRequest({ ...request, timestamp: "1700000000", body: Buffer.from(request.body) });
    assert.equal(text.toString(), signedText);
    const expected = createHmac("sha256", "s3cret").update(signedText).digest("base64");
    assert.equal(
      signRequest({ ...request, algorithm: "hmac-sha256", secret: "s3cret" }),
      'VALENCE-HMAC-SHA256 merchant_id="demo",key_id="k1",timestamp="1700000000",nonce="nonce-0001",' +
        `signature="${expected}"`,
    );
  });

  it("signs with RSASSA-PKCS1-v1_5 and SHA-256", () => {
    const pair = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const privateKeyPem = pair.privateKey.export({ type: "pkcs8", format: "pem" }).toString();
    const parsed = parseAuthorization(signRequest({ ...request, algorithm: "rsa-sha256", privateKeyPem }));
    assert.ok(parsed.ok);
    assert.ok(
      createVerify("RSA-SHA256").update(signedText).verify(pair.publicKey, parsed.authorization.signature),
    );
  });

  it("covers every byte of a body that is no text", () => {
    const bytes = Buffer.from([0xff, 0x00, 0x0a]);
    const text = canonicalRequest({ ...request, timestamp: "1", body: bytes });
    assert.deepEqual(text.subarray(-4), Buffer.from([0xff, 0x00, 0x0a, 0x0a]));
  });

  it("reads back what it has written", () => {
    const authorization = {
      algorithm: "rsa-sha256",
      merchantId: "m,=1",
      keyId: "k=2",
      timestamp: "1700000000",
      nonce: "abc_DEF-123",
      signature: Buffer.from("signature"),
    } as const;
    assert.deepEqual(parseAuthorization(formatAuthorization(authorization)), { ok: true, authorization });
  });

  const good = 'merchant_id="demo",key_id="k1",timestamp="1700000000",nonce="nonce-0001",signature="c2ln"';
  const accepted: readonly (readonly [why: string, header: string])[] = [
    ["parameters in another order", `VALENCE-HMAC-SHA256 ${good.split(",").reverse().join(",")}`],
    ["one space after a comma", `VALENCE-HMAC-SHA256 ${good.replaceAll(",", ", ")}`],
    ["a scheme in lower case (RFC 9110)", `valence-hmac-sha256 ${good}`],
  ];
  for (const [why, header] of accepted) {
    it(`accepts ${why}`, () => assert.ok(parseAuthorization(header).ok));
  }

  const refused: readonly (readonly [why: string, header: string])[] = [
    ["nothing", ""],
    ["a scheme alone", "VALENCE-HMAC-SHA256"],
    ["another scheme", `Bearer ${good}`],
    ["a scheme that is a property of every object", `constructor ${good}`],
    ["a missing parameter", `VALENCE-HMAC-SHA256 ${good.replace(/,nonce="[^"]*"/, "")}`],
    ["a parameter given twice", `VALENCE-HMAC-SHA256 ${good},nonce="nonce-0002"`],
    ["a parameter that is not known", `VALENCE-HMAC-SHA256 ${good},realm="x"`],
    ["a value without quotes", `VALENCE-HMAC-SHA256 ${good.replace('"k1"', "k1")}`],
    ["an open quote", `VALENCE-HMAC-SHA256 ${good.slice(0, -1)}`],
    ["a comma at the end", `VALENCE-HMAC-SHA256 ${good},`],
    ["a semicolon between parameters", `VALENCE-HMAC-SHA256 ${good.replaceAll(",", ";")}`],
    ["a short nonce", `VALENCE-HMAC-SHA256 ${good.replace("nonce-0001", "nonce-1")}`],
    ["a long nonce", `VALENCE-HMAC-SHA256 ${good.replace("nonce-0001", "n".repeat(65))}`],
    ["a nonce with a space", `VALENCE-HMAC-SHA256 ${good.replace("nonce-0001", "nonce 0001")}`],
    ["a negative timestamp", `VALENCE-HMAC-SHA256 ${good.replace("1700000000", "-1700000000")}`],
    ["a timestamp with a fraction", `VALENCE-HMAC-SHA256 ${good.replace("1700000000", "1.7e9")}`],
    ["a signature that is not base64", `VALENCE-HMAC-SHA256 ${good.replace("c2ln", "c2l")}`],
    ["an empty merchant", `VALENCE-HMAC-SHA256 ${good.replace('"demo"', '""')}`],
    ["a line feed in a value", `VALENCE-HMAC-SHA256 ${good.replace("demo", "de\nmo")}`],
    ["more than any key needs", `VALENCE-HMAC-SHA256 ${good.replace("c2ln", "c2ln".repeat(2000))}`],
  ];
  for (const [why, header] of refused) {
    it(`refuses ${why}`, () => assert.equal(parseAuthorization(header).ok, false));
  }
});
