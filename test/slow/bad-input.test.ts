/** Bad input against a running system on PostgreSQL: each kind has its own code, and leaves no row behind. */
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { signRequest } from "../../adapters/http/sign.js";
import { freshDatabase, onServer, type TestDatabase } from "../support/postgres.js";
import { type RunningUp, startUp } from "../support/system.js";

const order = { merchantOrderId: "bad-1", amount: 100, currency: "CNY", subject: "x" };
const text = (changes: object): string => JSON.stringify({ ...order, ...changes });

interface Request {
  readonly body: string;
  readonly path?: string;
  readonly merchantId?: string;
  readonly keyId?: string;
  readonly secret?: string;
  readonly ageMs?: number;
  /** Replaces the Authorization header; empty for none. */
  readonly authorization?: string;
  /** Sends this instead of what was signed. */
  readonly sent?: string;
}

const frozen = { merchantId: "frozen", keyId: "k", secret: "frozen-secret-0123456789" };

// what is wrong, the request, status and code of the answer
const cases: readonly (readonly [string, Request, number, string])[] = [
  ["malformed JSON", { body: '{"amount":' }, 400, "malformed_json"],
  ["an array", { body: "[]" }, 400, "body_not_object"],
  ["a wrong type", { body: text({ subject: 5 }) }, 422, "field_type"],
  ["text for an amount", { body: text({ amount: "100" }) }, 422, "amount_not_integer"],
  ["an unknown field", { body: text({ colour: "red" }) }, 422, "field_unknown"],
  ["a field only the engine sets", { body: text({ orderId: randomUUID() }) }, 422, "field_unknown"],
  ["a missing field", { body: JSON.stringify({ ...order, subject: undefined }) }, 422, "field_missing"],
  ["amount zero", { body: text({ amount: 0 }) }, 422, "amount_not_positive"],
  ["a negative amount", { body: text({ amount: -5 }) }, 422, "amount_not_positive"],
  ["a fractional amount", { body: text({ amount: 1.5 }) }, 422, "amount_not_integer"],
  ["an amount beyond exact numbers", { body: text({ amount: 2 ** 60 }) }, 422, "amount_too_large"],
  ["an unknown currency", { body: text({ currency: "XYZ" }) }, 422, "currency_unknown"],
  [
    "a notifyUrl inside the network",
    { body: text({ notifyUrl: "http://10.0.0.1/" }) },
    422,
    "notify_url_forbidden",
  ],
  ["a body of 1 MB", { body: text({ subject: "x".repeat(1_000_000) }) }, 413, "body_too_large"],
  ["a wrong signature", { body: text({}), secret: "another-secret" }, 401, "signature_invalid"],
  ["a changed body", { body: text({}), sent: text({ amount: 999 }) }, 401, "signature_invalid"],
  ["a stale timestamp", { body: text({}), ageMs: 301_000 }, 401, "timestamp_stale"],
  ["a timestamp of the future", { body: text({}), ageMs: -301_000 }, 401, "timestamp_stale"],
  ["no credentials", { body: text({}), authorization: "" }, 401, "credentials_missing"],
  ["unreadable credentials", { body: text({}), authorization: "Basic eDp5" }, 401, "credentials_malformed"],
  ["an unknown merchant", { body: text({}), merchantId: "nobody" }, 401, "merchant_unknown"],
  ["an unknown key", { body: text({}), keyId: "nothing" }, 401, "key_unknown"],
  ["a frozen merchant", { body: text({}), ...frozen }, 403, "merchant_frozen"],
  ["an unknown type", { body: text({}), path: "/v1/transactions/nothing" }, 404, "type_unknown"],
  [
    "a type of the engine's own",
    { body: text({}), path: "/v1/transactions/channel.callback" },
    404,
    "type_unknown",
  ],
];

describe("bad input: its own problem code, and no row behind", function () {
  this.timeout(60_000);
  let database: TestDatabase;
  let system: RunningUp;
  let dataDir: string;

  before(async () => {
    database = await freshDatabase();
    dataDir = mkdtempSync(path.join(tmpdir(), "valence-bad-"));
    system = await startUp({ dataDir, databaseUrl: database.url });
    await onServer(database.url, async (sql) => {
      await sql.query(
        `insert into config.merchants (merchant_id, name, status, businesses, webhook_secret)
         values ($1, 'Frozen', 'frozen', '["pay"]', 'whsec_AAAA')`,
        [frozen.merchantId],
      );
      await sql.query(
        `insert into config.merchant_keys (merchant_id, key_id, algorithm, material, status)
         values ($1, $2, 'hmac-sha256', $3, 'active')`,
        [frozen.merchantId, frozen.keyId, frozen.secret],
      );
    });
  });
  after(async () => {
    await system.stop();
    await database.drop();
    rmSync(dataDir, { recursive: true, force: true });
  });

  const send = async (
    request: Request,
    nonce: string = randomUUID(),
  ): Promise<{ status: number; code: string }> => {
    const { merchantId, keyId, secret } = { ...system.demo, ...request };
    const target = request.path ?? "/v1/orders";
    const authorization =
      request.authorization ??
      signRequest({
        method: "POST",
        path: target,
        body: request.body,
        merchantId,
        keyId,
        secret,
        algorithm: "hmac-sha256",
        nowMs: Date.now() - (request.ageMs ?? 0),
        nonce,
      });
    const response = await fetch(system.demo.bridge + target, {
      method: "POST",
      body: request.sent ?? request.body,
      headers: { "content-type": "application/json", ...(authorization === "" ? {} : { authorization }) },
    });
    const body = (await response.json()) as { readonly code?: string; readonly type?: string };
    if (response.status >= 400) {
      assert.match(response.headers.get("content-type") ?? "", /^application\/problem\+json/);
      assert.equal(body.type, `urn:valence:problem:${body.code}`);
    }
    return { status: response.status, code: body.code ?? "" };
  };

  /** Rows of everything a request could write. */
  const rows = (): Promise<unknown> =>
    onServer(database.url, async (sql) => {
      const { rows: found } = await sql.query(
        `select (select count(*) from core.orders) as orders, (select count(*) from core.runs) as runs,
           (select count(*) from core.journal) as journal, (select count(*) from core.payments) as payments,
           (select count(*) from bus.messages) as messages, (select count(*) from bus.dead_letters) as dead,
           (select count(*) from edge.nonces) as nonces`,
      );
      return found[0];
    });

  for (const [what, request, status, code] of cases) {
    it(`${what}: ${status} ${code}`, async () => {
      const before = await rows();
      assert.deepEqual(await send(request), { status, code });
      assert.deepEqual(await rows(), before);
    });
  }

  it("a reused nonce: 401 nonce_reused, and no second order", async () => {
    const nonce = randomUUID();
    assert.equal((await send({ body: text({ merchantOrderId: "nonce-1" }) }, nonce)).status, 201);
    // The notifier ends after the answer; wait until the first order is quiet.
    let before = await rows();
    for (let now = await rows(), quiet = 0; quiet < 3; now = await rows()) {
      quiet = JSON.stringify(now) === JSON.stringify(before) ? quiet + 1 : 0;
      before = now;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    const replay = await send({ body: text({ merchantOrderId: "nonce-2" }) }, nonce);
    assert.deepEqual(replay, { status: 401, code: "nonce_reused" });
    assert.deepEqual(await rows(), before);
  });

  it("a business that is not open is refused by the flow, and the refusal is kept for the audit", async () => {
    await onServer(database.url, (sql) =>
      sql.query(`update config.merchants set businesses = '["pay"]' where merchant_id = 'demo'`),
    );
    let answer = await send({ body: text({ merchantOrderId: "closed-0" }), path: "/v1/transactions/topup" });
    // Reference data is confirmed twice a second.
    for (let n = 1; answer.status === 201 && n < 40; n++) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      answer = await send({ body: text({ merchantOrderId: `closed-${n}` }), path: "/v1/transactions/topup" });
    }
    assert.deepEqual(answer, { status: 403, code: "business_closed" });
    const kept = await onServer(database.url, async (sql) =>
      (await sql.query("select problem ->> 'code' as code from core.runs where reason = 'rejected'")).rows.at(
        -1,
      ),
    );
    assert.deepEqual(kept, { code: "business_closed" });
  });
});
