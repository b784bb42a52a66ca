/** Whatever stands in the header, and whatever is changed on the way. */
import { strict as assert } from "node:assert";
import { generateKeyPairSync } from "node:crypto";
import fc from "fast-check";
import { Refusal } from "../../../adapters/http/answer.js";
import { formatAuthorization, parseAuthorization } from "../../../adapters/http/authorization.js";
import { createAuthenticate } from "../../../adapters/http/bridge/authenticate.js";
import { signRequest, type SigningKey } from "../../../adapters/http/sign.js";
import type { Merchant, MerchantKey } from "../../../engine/ports/reference.js";
import { ManualClock } from "../../support/bridge/manualClock.js";

const nowMs = 1_700_000_000_000;
const rsa = generateKeyPairSync("rsa", {
  modulusLength: 2048,
  publicKeyEncoding: { type: "spki", format: "pem" },
  privateKeyEncoding: { type: "pkcs8", format: "pem" },
});
const merchant: Merchant = { merchantId: "demo", name: "Demo", status: "active", businesses: [] };
const keys: readonly MerchantKey[] = [
  { merchantId: "demo", keyId: "h", algorithm: "hmac-sha256", material: "secret", status: "active" },
  { merchantId: "demo", keyId: "r", algorithm: "rsa-sha256", material: rsa.publicKey, status: "active" },
];
const nothing = async (): Promise<never> => assert.fail("not asked for");
const authenticate = createAuthenticate(
  {
    merchant: async (id) => (id === merchant.merchantId ? merchant : undefined),
    key: async (id, keyId) => keys.find((key) => key.merchantId === id && key.keyId === keyId),
    ...{ webhookSecret: nothing, routes: nothing, channels: nothing },
  },
  new ManualClock(nowMs),
);

const hmacKey = { keyId: "h", algorithm: "hmac-sha256", secret: "secret" } as const;
const rsaKey = { keyId: "r", algorithm: "rsa-sha256", privateKeyPem: rsa.privateKey } as const;

const nonceText = fc.stringMatching(/^[A-Za-z0-9_-]{8,64}$/);
/** As it may stand in a request line. */
const pathText = fc.stringMatching(/^\/[!-~]{0,40}$/);
const request = fc.record({
  method: fc.constantFrom("POST", "GET", "HEAD"),
  path: pathText,
  body: fc.uint8Array({ maxLength: 64 }),
  nonce: nonceText,
  ageMs: fc.integer({ min: -299_000, max: 299_000 }),
});
type Request = Parameters<typeof signed>[0];

const signed = (
  { ageMs, ...call }: { method: string; path: string; body: Uint8Array; nonce: string; ageMs: number },
  key: SigningKey & { readonly keyId: string } = hmacKey,
): string => signRequest({ ...call, ...key, merchantId: "demo", nowMs: nowMs - ageMs });

/** The code of the refusal; undefined: taken. */
async function refusal(call: Omit<Request, "ageMs" | "nonce">, header: string): Promise<string | undefined> {
  try {
    await authenticate({ ...call, authorization: [header] });
    return undefined;
  } catch (error) {
    assert.ok(error instanceof Refusal, String(error));
    assert.equal(error.problem.status, 401);
    return error.problem.code;
  }
}

const flip = (bytes: Uint8Array, at: number, bit: number): Uint8Array =>
  bytes.map((byte, index) => (index === at % bytes.length ? byte ^ (1 << bit) : byte));
const flipText = (from: string, at: number, bit: number): string =>
  Buffer.from(flip(Buffer.from(from, "latin1"), at, bit)).toString("latin1");

describe("the Authorization header, whatever stands in it", () => {
  it("arbitrary text is read or refused with a reason that does not repeat it", () => {
    const good = signRequest({
      ...hmacKey,
      method: "GET",
      path: "/",
      body: "",
      merchantId: "demo",
      nowMs,
      nonce: "n0123456",
    });
    const pieces = good.split(/(?=[",= ])/);
    const shuffled = fc.shuffledSubarray(pieces, { minLength: 0 }).map((some) => some.join(""));
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: "binary" }), shuffled), (header) => {
        const parsed = parseAuthorization(header);
        if (parsed.ok) {
          // What was read says everything that was written.
          assert.deepEqual(parseAuthorization(formatAuthorization(parsed.authorization)), parsed);
        } else {
          assert.match(parsed.why, /^[ -~]{5,80}$/);
        }
      }),
      { numRuns: 500 },
    );
  });

  it("what is signed is taken, with either algorithm", async () => {
    await fc.assert(
      fc.asyncProperty(request, async (call) => assert.equal(await refusal(call, signed(call)), undefined)),
      { numRuns: 200 },
    );
    await fc.assert(
      fc.asyncProperty(request, async (call) =>
        assert.equal(await refusal(call, signed(call, rsaKey)), undefined),
      ),
      { numRuns: 10 },
    );
  });

  const place = fc.nat();
  const bit = fc.integer({ min: 0, max: 7 });

  it("one flipped bit of body, path or method, and it is no longer his", async () => {
    await fc.assert(
      fc.asyncProperty(request, place, bit, async (call, at, which) => {
        const header = signed(call);
        const path = flipText(call.path, at, which);
        assert.equal(await refusal({ ...call, path }, header), "signature_invalid");
        assert.equal(
          await refusal({ ...call, method: flipText(call.method, at, which) }, header),
          "signature_invalid",
        );
        if (call.body.length > 0)
          assert.equal(
            await refusal({ ...call, body: flip(call.body, at, which) }, header),
            "signature_invalid",
          );
        assert.equal(
          await refusal({ ...call, body: Buffer.concat([call.body, Buffer.of(which)]) }, header),
          "signature_invalid",
        );
      }),
      { numRuns: 200 },
    );
  });

  it("one flipped bit anywhere in the header, and it is refused; only the scheme may change its case", async () => {
    await fc.assert(
      fc.asyncProperty(
        request,
        fc.constantFrom(hmacKey, hmacKey, hmacKey, rsaKey),
        place,
        bit,
        async (call, key, at, which) => {
          const header = signed(call, key);
          const changed = flipText(header, at, which);
          const scheme = header.slice(0, header.indexOf(" "));
          const sameScheme =
            changed.toUpperCase().startsWith(`${scheme} `) &&
            changed.slice(scheme.length) === header.slice(scheme.length);
          const code = await refusal(call, changed);
          assert.equal(code === undefined, sameScheme, `${code}: ${changed}`);
        },
      ),
      { numRuns: 400 },
    );
  });
});
