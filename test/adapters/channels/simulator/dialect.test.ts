import assert from "node:assert/strict";
import { HmacHeaders, parseObject, signatureWindowMs } from "../../../../adapters/channels/hmac-headers.js";
import { paths, prefix } from "../../../../adapters/channels/simulator/dialect.js";

const secret = "simulator-secret";
const body = Buffer.from('{"paymentId":"p-1","subject":"咖啡"}');
const atMs = 1_700_000_000_000;
const path = paths.pay;
const signer = new HmacHeaders(prefix, secret);

describe("the dialect of the simulated institution", () => {
  it("signs what README.md says: the value was computed with OpenSSL", () => {
    assert.deepEqual(signer.sign("request", path, body, atMs), {
      "sim-timestamp": "1700000000000",
      "sim-signature": "CkzuE0WarQzH5HW9StrOG4K2LxSN/O2AwEAaewW0n48=",
    });
  });

  const good = signer.sign("request", path, body, atMs);
  const changed = Buffer.from(body);
  changed[15]! ^= 1;
  const cases: [what: string, fault: string | undefined, run: () => string | undefined][] = [
    ["untouched", undefined, () => signer.fault("request", path, good, body, atMs)],
    ["one bit of the body", "match", () => signer.fault("request", path, good, changed, atMs)],
    ["another path", "match", () => signer.fault("request", "/sim/query", good, body, atMs)],
    ["another direction", "match", () => signer.fault("response", path, good, body, atMs)],
    [
      "another secret",
      "match",
      () => new HmacHeaders(prefix, "other").fault("request", path, good, body, atMs),
    ],
    [
      "another time",
      "match",
      () => signer.fault("request", path, { ...good, "sim-timestamp": String(atMs + 1) }, body, atMs),
    ],
    ["too old", "stale", () => signer.fault("request", path, good, body, atMs + signatureWindowMs + 1)],
    ["too new", "stale", () => signer.fault("request", path, good, body, atMs - signatureWindowMs - 1)],
    ["old, age not judged", undefined, () => signer.fault("request", path, good, body)],
    ["no headers", "missing", () => signer.fault("request", path, {}, body, atMs)],
    [
      "a short signature",
      "malformed",
      () => signer.fault("request", path, { ...good, "sim-signature": "AAAA" }, body, atMs),
    ],
    [
      "text for a time",
      "malformed",
      () => signer.fault("request", path, { ...good, "sim-timestamp": "now" }, body, atMs),
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
