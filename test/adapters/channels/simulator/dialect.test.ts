import assert from "node:assert/strict";
import {
  parseObject,
  signatureFault,
  signatureHeaders,
  signatureWindowMs,
} from "../../../../adapters/channels/simulator/dialect.js";

const secret = "simulator-secret";
const body = Buffer.from('{"paymentId":"p-1","subject":"咖啡"}');
const atMs = 1_700_000_000_000;
const path = "/sim/pay";

describe("the dialect of the simulated institution", () => {
  it("signs what README.md says: the value was computed with OpenSSL", () => {
    assert.deepEqual(signatureHeaders(secret, "request", path, body, atMs), {
      "sim-timestamp": "1700000000000",
      "sim-signature": "CkzuE0WarQzH5HW9StrOG4K2LxSN/O2AwEAaewW0n48=",
    });
  });

  const good = signatureHeaders(secret, "request", path, body, atMs);
  const changed = Buffer.from(body);
  changed[15]! ^= 1;
  const cases: [what: string, fault: string | undefined, run: () => string | undefined][] = [
    ["untouched", undefined, () => signatureFault(secret, "request", path, good, body, atMs)],
    ["one bit of the body", "match", () => signatureFault(secret, "request", path, good, changed, atMs)],
    ["another path", "match", () => signatureFault(secret, "request", "/sim/query", good, body, atMs)],
    ["another direction", "match", () => signatureFault(secret, "response", path, good, body, atMs)],
    ["another secret", "match", () => signatureFault("other", "request", path, good, body, atMs)],
    [
      "another time",
      "match",
      () =>
        signatureFault(secret, "request", path, { ...good, "sim-timestamp": String(atMs + 1) }, body, atMs),
    ],
    [
      "too old",
      "stale",
      () => signatureFault(secret, "request", path, good, body, atMs + signatureWindowMs + 1),
    ],
    [
      "too new",
      "stale",
      () => signatureFault(secret, "request", path, good, body, atMs - signatureWindowMs - 1),
    ],
    ["old, age not judged", undefined, () => signatureFault(secret, "request", path, good, body)],
    ["no headers", "missing", () => signatureFault(secret, "request", path, {}, body, atMs)],
    [
      "a short signature",
      "malformed",
      () => signatureFault(secret, "request", path, { ...good, "sim-signature": "AAAA" }, body, atMs),
    ],
    [
      "text for a time",
      "malformed",
      () => signatureFault(secret, "request", path, { ...good, "sim-timestamp": "now" }, body, atMs),
    ],
  ];
  for (const [what, fault, run] of cases)
    it(`${what}: ${fault === undefined ? "holds" : `refused (${fault})`}`, () => {
      const found = run();
      if (fault === undefined) assert.equal(found, undefined);
      else assert.match(found ?? "holds", new RegExp(fault));
    });

  it("only a JSON object is a message", () => {
    for (const text of ["", "null", "[]", "1", '"x"', "{"])
      assert.equal(parseObject(Buffer.from(text)), undefined, text);
    assert.deepEqual(parseObject(Buffer.from('{"a":1}')), { a: 1 });
  });
});
