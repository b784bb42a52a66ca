/** Every way a request can be wrong: its status, its code, and that nothing of it was written. */
import { strict as assert } from "node:assert";
import crypto from "node:crypto";
import { syncBuiltinESMExports } from "node:module";
import { errorTable, ValenceError, type ErrorCode, type ErrorEntry } from "../../../../engine/errors.js";
import type { Row } from "../../../../engine/ports/store.js";
import {
  demoOrder,
  rsa,
  secret,
  startBridge,
  type Call,
  type Harness,
} from "../../../support/bridge/harness.js";

const order = (change: Row): Row => ({ ...demoOrder, ...change });
const without = (...names: readonly string[]): Row =>
  Object.fromEntries(Object.entries(demoOrder).filter(([name]) => !names.includes(name)));
const text = (body: unknown): Call => ({ path: "/v1/orders", body });
const pay = (change: Row): Call => text(order(change));

type Case = readonly [what: string, code: ErrorCode, call: Call, pointers?: readonly string[]];

const bodies: readonly Case[] = [
  // what                                    code                    call                    where
  ["an empty body", "malformed_json", text("")],
  ["half an object", "malformed_json", text('{"amount":')],
  ["text after the object", "malformed_json", text('{"amount":1} x')],
  ["a comment", "malformed_json", text("{/* 1 */}")],
  ["bytes that are not UTF-8", "malformed_json", text(Buffer.from([0x22, 0xff, 0x22]))],
  ["an array", "body_not_object", text([demoOrder])],
  ["null", "body_not_object", text("null")],
  ["a string", "body_not_object", text('"pay"')],
  ["a number", "body_not_object", text("1")],
  ["an empty object", "field_missing", text({}), ["/merchantOrderId", "/amount", "/currency", "/subject"]],
  ["no amount", "field_missing", text(without("amount")), ["/amount"]],
  ["amount zero", "amount_not_positive", pay({ amount: 0 }), ["/amount"]],
  [
    "amount minus zero",
    "amount_not_positive",
    text(JSON.stringify(demoOrder).replace("1050", "-0")),
    ["/amount"],
  ],
  ["a negative amount", "amount_not_positive", pay({ amount: -1 }), ["/amount"]],
  ["a fraction of an amount", "amount_not_integer", pay({ amount: 10.5 }), ["/amount"]],
  ["an amount as text", "amount_not_integer", pay({ amount: "1050" }), ["/amount"]],
  ["an amount of null", "amount_not_integer", pay({ amount: null }), ["/amount"]],
  ["an amount of true", "amount_not_integer", pay({ amount: true }), ["/amount"]],
  ["an amount in an array", "amount_not_integer", pay({ amount: [1] }), ["/amount"]],
  ["an amount JSON cannot carry", "amount_too_large", pay({ amount: 2 ** 53 }), ["/amount"]],
  [
    "an infinite amount",
    "amount_not_integer",
    text(JSON.stringify(demoOrder).replace("1050", "1e999")),
    ["/amount"],
  ],
  ["a currency nobody has", "currency_unknown", pay({ currency: "ABC" }), ["/currency"]],
  ["a currency in lower case", "currency_unknown", pay({ currency: "cny" }), ["/currency"]],
  [
    "a currency that is a property of every object",
    "currency_unknown",
    pay({ currency: "toString" }),
    ["/currency"],
  ],
  ["a currency as a number", "field_type", pay({ currency: 156 }), ["/currency", "/currency"]],
  ["an empty subject", "field_invalid", pay({ subject: "" }), ["/subject"]],
  ["a subject that is too long", "field_invalid", pay({ subject: "x".repeat(257) }), ["/subject"]],
  ["a subject with NUL", "field_invalid", pay({ subject: "two\0coffees" })],
  ["a subject with half a surrogate pair", "field_invalid", pay({ subject: "two\ud83d" })],
  ["a merchantOrderId with a space", "field_invalid", pay({ merchantOrderId: "A 1" }), ["/merchantOrderId"]],
  ["an unknown field", "field_unknown", pay({ amonut: 1 }), ["/amonut"]],
  ["a field of the engine", "field_unknown", pay({ orderId: "0" }), ["/orderId"]],
  ["another merchant in the body", "field_unknown", pay({ merchantId: "other" }), ["/merchantId"]],
  ["the type in the body", "field_unknown", pay({ type: "topup" }), ["/type"]],
  ["a field the type presets", "field_unknown", pay({ business: "gambling" }), ["/business"]],
  [
    "a dictionary field the flow does not take",
    "field_unknown",
    pay({ orderStatus: "paid" }),
    ["/orderStatus"],
  ],
  [
    "__proto__",
    "field_unknown",
    text(JSON.stringify(demoOrder).replace("{", '{"__proto__":{"amount":1},')),
    ["/__proto__"],
  ],
  ["constructor", "field_unknown", pay({ constructor: { prototype: {} } }), ["/constructor"]],
  ["toString", "field_unknown", pay({ toString: "x" }), ["/toString"]],
  [
    "__proto__ further down",
    "field_invalid",
    text(JSON.stringify(order({ metadata: {} })).replace("{}", '{"__proto__":"x"}')),
  ],
  [
    "only fields of a prototype",
    "field_unknown",
    text('{"__proto__":{"amount":1}}'),
    ["/__proto__", "/merchantOrderId", "/amount", "/currency", "/subject"],
  ],
  ["metadata as text", "field_type", pay({ metadata: "x" }), ["/metadata"]],
  ["metadata with a number", "field_type", pay({ metadata: { "a/b": 1 } }), ["/metadata/a~1b"]],
  [
    "too much metadata",
    "field_invalid",
    pay({ metadata: Object.fromEntries(Array.from({ length: 21 }, (_, n) => [n, ""])) }),
  ],
  [
    "a body nested a thousand deep",
    "field_invalid",
    text(`{"metadata":${"[".repeat(1000)}${"]".repeat(1000)}}`),
  ],
  [
    "a body nested thirty thousand deep",
    "field_invalid",
    text(`{"metadata":${"[".repeat(30_000)}${"]".repeat(30_000)}}`),
  ],
  ["a notifyUrl that is no URL", "field_invalid", pay({ notifyUrl: "not a url" }), ["/notifyUrl"]],
  [
    "a notifyUrl with another scheme",
    "field_invalid",
    pay({ notifyUrl: "file:///etc/passwd" }),
    ["/notifyUrl"],
  ],
  [
    "a notifyUrl with a password",
    "field_invalid",
    pay({ notifyUrl: "http://a:b@example.com/" }),
    ["/notifyUrl"],
  ],
  [
    "a notifyUrl with a line feed",
    "field_invalid",
    pay({ notifyUrl: "http://example.com/\nx" }),
    ["/notifyUrl"],
  ],
  [
    "a notifyUrl to a private address",
    "notify_url_forbidden",
    pay({ notifyUrl: "http://10.0.0.1/" }),
    ["/notifyUrl"],
  ],
  [
    "several mistakes: the first of the body counts",
    "currency_unknown",
    text({ currency: "X", nonsense: 1, amount: 0 }),
    ["/currency", "/nonsense", "/amount", "/merchantOrderId", "/subject"],
  ],
  [
    "what is there before what is missing",
    "amount_not_positive",
    text({ amount: 0 }),
    ["/amount", "/merchantOrderId", "/currency", "/subject"],
  ],
  ["a body over 64 KiB", "body_too_large", pay({ subject: "x".repeat(65_536) })],
  ["a body of 1 MB", "body_too_large", pay({ subject: "x".repeat(1_000_000) })],
  [
    "a body of 1 MB whose length is not announced",
    "body_too_large",
    {
      ...pay({ subject: "x".repeat(1_000_000) }),
      headers: { "content-length": undefined, "transfer-encoding": "chunked" },
    },
  ],
  [
    "a form",
    "content_type_unsupported",
    { ...pay({}), headers: { "content-type": "application/x-www-form-urlencoded" } },
  ],
  ["no content type", "content_type_unsupported", { ...pay({}), headers: { "content-type": undefined } }],
  [
    "a content type that cannot be read",
    "content_type_unsupported",
    { ...pay({}), headers: { "content-type": "///" } },
  ],
  ["an Idempotency-Key with a space", "field_invalid", { ...pay({}), headers: { "idempotency-key": "a b" } }],
  ["two Idempotency-Keys", "field_invalid", { ...pay({}), headers: { "idempotency-key": ["a", "b"] } }],
];

const rsaKey = { algorithm: "rsa-sha256", privateKeyPem: rsa.privateKey } as const;
const credentials: readonly Case[] = [
  ["no Authorization", "credentials_missing", { ...pay({}), authorization: "none" }],
  ["an empty Authorization", "credentials_malformed", { ...pay({}), authorization: "" }],
  ["a malformed Authorization", "credentials_malformed", { ...pay({}), authorization: "Bearer abc" }],
  ["a nonce with a space", "credentials_malformed", { ...pay({}), nonce: "nonce 0001" }],
  ["a nonce that is too short", "credentials_malformed", { ...pay({}), nonce: "nonce-1" }],
  ["a timestamp 301 s old", "timestamp_stale", { ...pay({}), offsetMs: -301_000 }],
  ["a timestamp 301 s ahead", "timestamp_stale", { ...pay({}), offsetMs: 301_000 }],
  ["an unknown merchant", "merchant_unknown", { ...pay({}), merchantId: "nobody" }],
  ["an unknown merchant with RSA", "merchant_unknown", { ...pay({}), merchantId: "nobody", key: rsaKey }],
  ["an unknown key", "key_unknown", { ...pay({}), keyId: "k2" }],
  ["an unknown key with RSA", "key_unknown", { ...pay({}), keyId: "r2", key: rsaKey }],
  ["a revoked key", "key_unknown", { ...pay({}), keyId: "old" }],
  ["another secret", "signature_invalid", { ...pay({}), key: { algorithm: "hmac-sha256", secret: "guess" } }],
  ["an HMAC key used for RSA", "signature_invalid", { ...pay({}), key: rsaKey }],
  [
    "an RSA public key used as HMAC secret",
    "signature_invalid",
    {
      ...pay({}),
      keyId: "r1",
      key: { algorithm: "hmac-sha256", secret: rsa.publicKey },
    },
  ],
  ["a frozen merchant", "merchant_frozen", { ...pay({}), merchantId: "cold" }],
  [
    "a frozen merchant with a wrong signature",
    "signature_invalid",
    {
      ...pay({}),
      merchantId: "cold",
      key: { algorithm: "hmac-sha256", secret: "guess" },
    },
  ],
  ["an unknown type", "type_unknown", { path: "/v1/transactions/nonsense", body: demoOrder }],
  [
    "a type that is a property of every object",
    "type_unknown",
    { path: "/v1/transactions/constructor", body: demoOrder },
  ],
  [
    "a type of the bridge's own",
    "type_unknown",
    { path: "/v1/transactions/channel.callback", body: demoOrder },
  ],
  [
    "an unknown type and a body that is no JSON",
    "type_unknown",
    { path: "/v1/transactions/nonsense", body: "{" },
  ],
  ["wrong credentials and a body that is no JSON", "key_unknown", { ...text("{"), keyId: "k2" }],
];

const paths: readonly Case[] = [
  ["a path that leads nowhere", "not_found", { path: "/v2/orders", body: demoOrder }],
  ["an empty type", "type_unknown", { path: "/v1/transactions/", body: demoOrder }],
  ["a path that cannot be decoded", "not_found", { path: "/v1/transactions/%zz", body: demoOrder }],
  ["a type longer than any", "not_found", { path: `/v1/transactions/${"x".repeat(2000)}`, body: demoOrder }],
  ["DELETE of an order", "method_not_allowed", { method: "DELETE", path: "/v1/orders" }],
  [
    "PUT with a large body",
    "method_not_allowed",
    { method: "PUT", path: "/v1/orders", body: "x".repeat(100_000) },
  ],
  ["GET of a transaction type", "method_not_allowed", { path: "/v1/transactions/pay" }],
  ["POST to a probe", "method_not_allowed", { method: "POST", path: "/healthz" }],
];

const statusOf = (code: ErrorCode): number | undefined => (errorTable[code] as ErrorEntry).status;

/** Watches the two primitives a verification uses, until restored. */
function countVerifications(): { readonly calls: string[]; restore(): void } {
  const { createHmac, verify } = crypto;
  const calls: string[] = [];
  const replace = (replacement: Partial<typeof crypto>): void => {
    Object.assign(crypto, replacement);
    syncBuiltinESMExports();
  };
  replace({
    createHmac: (...given) => (calls.push("createHmac"), createHmac(...given)),
    verify: ((...given: Parameters<typeof verify>) => (
      calls.push("verify"),
      verify(...given)
    )) as typeof verify,
  });
  return { calls, restore: () => replace({ createHmac, verify }) };
}

describe("a request that is wrong gets its own code and leaves nothing behind", () => {
  let harness: Harness;
  before(async () => void (harness = await startBridge()));
  after(() => harness.bridge.close());

  for (const [what, code, call, pointers] of [...bodies, ...credentials, ...paths]) {
    it(`${what}: ${statusOf(code)} ${code}`, async () => {
      const reply = await harness.send(call);
      assert.equal(reply.body.code, code, reply.text);
      assert.equal(reply.status, statusOf(code));
      assert.equal(reply.body.status, statusOf(code));
      assert.equal(reply.body.type, `urn:valence:problem:${code}`);
      assert.equal(reply.headers["content-type"], "application/problem+json");
      if (pointers)
        assert.deepEqual(
          reply.body.errors?.map((error) => error.pointer),
          pointers,
        );
      assert.deepEqual(harness.engine.units, []);
      assert.deepEqual(harness.engine.published, []);
    });
  }

  const tampered: readonly (readonly [what: string, signed: Call, sent: Call])[] = [
    ["another amount", pay({}), pay({ amount: 1 })],
    ["another path", pay({}), { ...pay({}), path: "/v1/transactions/pay" }],
    ["a query", pay({}), { ...pay({}), path: "/v1/orders?a=1" }],
    ["another method", { ...pay({}), method: "PUT" }, pay({})],
    ["one space more", text(JSON.stringify(demoOrder)), text(`${JSON.stringify(demoOrder)} `)],
  ];
  for (const [what, signed, sent] of tampered) {
    it(`signed, then sent with ${what}: 401 signature_invalid`, async () => {
      const reply = await harness.send({ ...sent, authorization: harness.sign(signed) });
      assert.equal(reply.body.code, "signature_invalid");
      assert.deepEqual(harness.engine.units, []);
    });
  }

  it("an RSA signature under the HMAC scheme: 401 signature_invalid", async () => {
    const signed = harness.sign({ ...pay({}), keyId: "r1", key: rsaKey });
    const reply = await harness.send({ ...pay({}), authorization: signed.replace("RSA", "HMAC") });
    assert.equal(reply.body.code, "signature_invalid");
    assert.deepEqual(harness.engine.units, []);
  });

  it("two Authorization headers: 401 credentials_malformed", async () => {
    const authorization = harness.sign(pay({}));
    const reply = await harness.send({ ...pay({}), authorization: [authorization, authorization] });
    assert.equal(reply.body.code, "credentials_malformed");
    assert.deepEqual(harness.engine.units, []);
  });

  for (const parameter of ["merchant_id", "key_id", "timestamp", "nonce", "signature"]) {
    it(`${parameter} given twice: 401 credentials_malformed`, async () => {
      const header = harness.sign(pay({}));
      const again = new RegExp(`${parameter}="[^"]*"`).exec(header)?.[0];
      const reply = await harness.send({ ...pay({}), authorization: `${header},${again}` });
      assert.equal(reply.body.code, "credentials_malformed");
      assert.deepEqual(harness.engine.units, []);
    });
  }

  const strangers: readonly (readonly [what: string, call: Call])[] = [
    ["an unknown merchant", { ...pay({}), merchantId: "nobody" }],
    ["an unknown key", { ...pay({}), keyId: "k2" }],
    ["an unknown merchant with RSA", { ...pay({}), merchantId: "nobody", key: rsaKey }],
    ["an unknown key with RSA", { ...pay({}), keyId: "r2", key: rsaKey }],
  ];
  for (const [what, call] of strangers) {
    it(`${what} costs the verification that a known one costs`, async () => {
      const authorization = harness.sign(call);
      const counted = countVerifications();
      try {
        await harness.send({ ...call, authorization });
      } finally {
        counted.restore();
      }
      assert.deepEqual(counted.calls, [call.key ? "verify" : "createHmac"]);
    });
  }

  it("a 405 names the methods there are", async () => {
    const reply = await harness.send({ method: "DELETE", path: "/v1/orders" });
    assert.equal(reply.headers["allow"], "POST, GET, HEAD");
  });

  it("a thousand unknown fields do not make an answer of a thousand mistakes", async () => {
    const many = Object.fromEntries(Array.from({ length: 1000 }, (_, n) => [`unknown${n}`, 1]));
    const reply = await harness.send(pay(many));
    assert.equal(reply.body.code, "field_unknown");
    assert.equal(reply.body.errors?.length, 50);
  });

  it("no log line holds a secret, a signature or a body, whatever fails", async () => {
    const noisy = await startBridge();
    try {
      const call = pay({ subject: "confidential-words" });
      noisy.engine.beforeCommit = () => Promise.reject(new Error("commit failed"));
      assert.equal((await noisy.send(call)).body.code, "accept_unconfirmed");
      assert.equal((await noisy.send({ ...call, keyId: "k2" })).body.code, "key_unknown");
      assert.equal((await noisy.send(pay({ subject: ["confidential-words"] }))).body.code, "field_type");
      assert.notEqual(noisy.events.length, 0);
      const log = JSON.stringify(noisy.events);
      for (const word of ["confidential-words", "VALENCE-HMAC", secret]) assert.ok(!log.includes(word), word);
    } finally {
      await noisy.bridge.close();
    }
  });
});

describe("reference data", () => {
  it("that cannot be confirmed refuses new orders: 503 reference_stale", async () => {
    const stale = async (): Promise<never> => {
      throw new ValenceError("reference_stale", "not confirmed for 10 s");
    };
    const reference = { merchant: stale, key: stale, webhookSecret: stale, routes: stale, channels: stale };
    const harness = await startBridge({ reference });
    try {
      const reply = await harness.send(pay({}));
      assert.equal(reply.body.code, "reference_stale");
      assert.equal(reply.status, 503);
      assert.equal(reply.headers["retry-after"], "1");
      assert.deepEqual(harness.engine.units, []);
    } finally {
      await harness.bridge.close();
    }
  });
});
