/** Refunds: what a request becomes, what comes back, and reads that are good from the moment a 202 was sent. */
import { strict as assert } from "node:assert";
import { v7 } from "uuid";
import { problemOf, type ErrorCode } from "../../../../engine/errors.js";
import { deriveId } from "../../../../engine/ids.js";
import type { Row } from "../../../../engine/ports/store.js";
import type { RunBody } from "../../../../engine/runtime/message.js";
import { activeTypes } from "../../../support/bridge/definitions.js";
import { startBridge, startMs, type Call, type Harness } from "../../../support/bridge/harness.js";

const orderId = deriveId("order", "demo", "A-1001");
const refundId = deriveId("refund", "demo", "R-1");
const runId = v7({ msecs: startMs });
const submitPath = `/v1/orders/${orderId}/refunds`;
const path = `/v1/refunds/${refundId}`;
const pathOfRun = `${path}?run=${runId}`;
const body = { merchantRefundId: "R-1", amount: 300, reason: "cold" };
const createdAt = new Date(startMs).toISOString();

const row = (change: Row = {}): Row => ({
  ...{ refundId, orderId, paymentId: runId, merchantId: "demo", merchantOrderId: "A-1001" },
  ...{ merchantRefundId: "R-1", runId, channel: "card", channelRefundId: "X-1", amount: 300 },
  ...{ currency: "CNY", reason: "cold", status: "approved", evidence: { by: "reply" }, error: null },
  ...{ settledAt: startMs, createdAt: startMs, updatedAt: startMs + 5 },
  ...change,
});
const run = (change: Row = {}): Row => ({
  ...{ runId, orderId, merchantId: "demo", type: "refund", state: "open" },
  ...change,
});
const seen = {
  ...{ refundId, merchantRefundId: "R-1", orderId, merchantOrderId: "A-1001", channelRefundId: "X-1" },
  ...{ amount: 300, currency: "CNY", status: "refunded", reason: "cold" },
  ...{ createdAt, updatedAt: new Date(startMs + 5).toISOString() },
};

describe("asking for a refund", () => {
  let harness: Harness;
  beforeEach(async () => void (harness = await startBridge()));
  afterEach(() => harness.bridge.close());
  const reply = (fields: Row) => (started: RunBody) => ({
    fields: {
      ...{ ...started.fields, refundId, merchantOrderId: "A-1001", currency: "CNY" },
      ...{ refundCreatedAt: startMs, refundUpdatedAt: startMs + 5, ...fields },
    },
  });

  it("becomes one unit: the nonce and a run of type refund about that order", async () => {
    harness.engine.flow = reply({ refundStatus: "refunded" });
    await harness.send({ path: submitPath, body });
    const [unit, ...more] = harness.engine.units;
    assert.deepEqual([more.length, unit?.writes.map(({ table }) => table)], [0, ["nonces"]]);
    const [message] = harness.engine.published;
    assert.equal(message?.queue, "flow.refund");
    const { type, fields } = message.body as unknown as RunBody;
    assert.deepEqual([type, fields], ["refund", { ...body, merchantId: "demo", type: "refund", orderId }]);
  });

  const error = problemOf("refund_declined", "61 account closed");
  const answers: readonly (readonly [string, number, Row, Row])[] = [
    ["refunded", 201, { refundStatus: "refunded", channelRefundId: "X-1" }, seen],
    [
      "declined",
      201,
      { refundStatus: "failed", refundError: error },
      { ...seen, channelRefundId: undefined, status: "failed", error },
    ],
    ["asked for before", 200, { refundStatus: "refunded", channelRefundId: "X-1", repeated: true }, seen],
    [
      "asked for before and still under way",
      200,
      { refundStatus: "processing", channelRefundId: "X-1", repeated: true },
      { ...seen, status: "processing" },
    ],
  ];
  for (const [what, status, fields, expected] of answers) {
    it(`${what}: ${status}`, async () => {
      harness.engine.flow = reply(fields);
      const answer = await harness.send({ path: submitPath, body });
      assert.equal(answer.status, status, answer.text);
      assert.deepEqual(answer.body, JSON.parse(JSON.stringify(expected)));
      assert.equal(answer.headers.location, path);
    });
  }

  it("nothing is decided in time: 202, and what it points to is good at once", async () => {
    const pending = harness.send({ path: submitPath, body });
    while (harness.engine.published.length === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    harness.clock.advance(3_000);
    const answer = await pending;
    assert.equal(answer.status, 202, answer.text);
    const { updatedAt: _at, ...rest } = answer.body as Row;
    assert.deepEqual(rest, { refundId, orderId, ...body, status: "processing", createdAt });
    const again = await harness.send({ path: String(answer.headers.location) });
    assert.deepEqual(
      [again.status, again.body["refundId"], again.body["status"]],
      [200, refundId, "processing"],
    );
  });

  for (const code of ["not_found", "order_not_paid", "refund_mismatch", "refund_exceeds_payment"] as const) {
    it(`the flow refuses with ${code}: the caller is told so`, async () => {
      const problem = problemOf(code, "why");
      harness.engine.flow = () => ({ problem, fields: {} });
      const answer = await harness.send({ path: submitPath, body });
      assert.deepEqual([answer.status, answer.body.code], [problem.status, code]);
    });
  }

  const refused: readonly (readonly [string, number, ErrorCode, Partial<Call>])[] = [
    ["an order's id that is none", 404, "not_found", { path: "/v1/orders/1/refunds" }],
    ["no merchantRefundId", 422, "field_missing", { body: { amount: 1 } }],
    ["no amount", 422, "field_missing", { body: { merchantRefundId: "R-1" } }],
    ["nothing to refund", 422, "amount_not_positive", { body: { ...body, amount: 0 } }],
    ["half a cent", 422, "amount_not_integer", { body: { ...body, amount: 0.5 } }],
    ["a number that is ours", 422, "field_invalid", { body: { ...body, merchantRefundId: "surplus-1" } }],
    ["another payment", 422, "field_unknown", { body: { ...body, paymentId: runId } }],
    ["another order", 422, "field_unknown", { body: { ...body, orderId } }],
    ["a frozen merchant", 403, "merchant_frozen", { merchantId: "cold" }],
    ["no signature", 401, "credentials_missing", { authorization: "none" }],
    ["no JSON", 400, "malformed_json", { body: "{" }],
    ["a type, where the order has no place", 404, "type_unknown", { path: "/v1/transactions/refund" }],
  ];
  for (const [what, status, code, call] of refused) {
    it(`${what}: ${status} ${code}, and nothing begins`, async () => {
      const answer = await harness.send({ path: submitPath, body, ...call });
      assert.deepEqual([answer.status, answer.body.code], [status, code], answer.text);
      assert.deepEqual(harness.engine.published, []);
    });
  }

  it("where refunds are not configured: 404 type_unknown", async () => {
    harness.catalogue.activate(activeTypes.filter(({ type }) => type !== "refund"));
    const answer = await harness.send({ path: submitPath, body });
    assert.deepEqual([answer.status, answer.body.code], [404, "type_unknown"]);
  });
});

describe("reading a refund", () => {
  let harness: Harness;
  beforeEach(async () => void (harness = await startBridge()));
  afterEach(() => harness.bridge.close());

  for (const read of [path, pathOfRun]) {
    const name = read.replace(refundId, "{refundId}").replace(runId, "{run}");
    it(`GET ${name} shows it`, async () => {
      harness.engine.refunds.set(refundId, row());
      const answer = await harness.send({ path: read });
      assert.deepEqual([answer.status, answer.body], [200, seen], answer.text);
    });

    it(`GET ${name}: another merchant's is a 404`, async () => {
      harness.engine.refunds.set(refundId, row({ merchantId: "other" }));
      harness.engine.runs.set(runId, run({ merchantId: "other" }));
      const answer = await harness.send({ path: read });
      assert.deepEqual([answer.status, answer.body.code], [404, "not_found"]);
    });
  }

  for (const [status, settledAt, shown] of [
    ["sending", null, "processing"],
    ["pending", null, "processing"],
    ["unknown", null, "processing"],
    ["notSent", null, "processing"],
    ["approved", null, "processing"],
    ["approved", startMs, "refunded"],
    ["declined", null, "processing"],
    ["declined", startMs, "failed"],
  ] as const) {
    it(`${status}, counted at ${settledAt}, is ${shown} to its merchant`, async () => {
      harness.engine.refunds.set(refundId, row({ status, settledAt }));
      assert.equal((await harness.send({ path })).body["status"], shown);
    });
  }

  const problem = problemOf("refund_mismatch", "exists");
  const pointed: readonly (readonly [string, Row | undefined, Row | undefined, number, string])[] = [
    ["nothing is written yet", undefined, undefined, 200, "processing"],
    ["the run is under way", run(), undefined, 200, "processing"],
    ["the run was rejected", run({ state: "ended", problem }), undefined, 409, "refund_mismatch"],
    [
      "the run was rejected, another one had the number",
      run({ state: "ended", problem }),
      row({ runId: orderId }),
      409,
      "refund_mismatch",
    ],
    ["the run found it there", run({ state: "ended" }), row({ runId: orderId }), 200, "refunded"],
    ["the run has left nothing", run({ state: "ended" }), undefined, 404, "not_found"],
    ["the run is about something else", run({ type: "pay" }), undefined, 404, "not_found"],
  ];
  for (const [what, runRow, refundRow, status, says] of pointed) {
    it(`what a 202 points to, when ${what}: ${status} ${says}`, async () => {
      if (runRow) harness.engine.runs.set(runId, runRow);
      if (refundRow) harness.engine.refunds.set(refundId, refundRow);
      const answer = await harness.send({ path: pathOfRun });
      assert.deepEqual(
        [answer.status, answer.body.code ?? answer.body["status"]],
        [status, says],
        answer.text,
      );
    });
  }

  for (const [what, wrong] of [
    ["no such refund", path],
    ["an id that is none", "/v1/refunds/1"],
    ["a run that is none", `${path}?run=1`],
    ["two runs", `${pathOfRun}&run=${runId}`],
  ] as const) {
    it(`${what}: 404 not_found`, async () => {
      const answer = await harness.send({ path: wrong });
      assert.deepEqual([answer.status, answer.body.code], [404, "not_found"]);
    });
  }

  it("what a 202 points to is never lost between two reads: the run ends while it is looked at", async () => {
    const { engine } = harness;
    // Whatever is read first, everything happens right after it.
    const before =
      (map: ReadonlyMap<string, Row>) =>
      async (id: string): Promise<Row | undefined> => {
        const found = map.get(id);
        engine.refunds.set(refundId, row());
        engine.runs.set(runId, run({ state: "ended" }));
        return found;
      };
    const racing = await startBridge({ readRefund: before(engine.refunds), readRun: before(engine.runs) });
    try {
      const answer = await racing.send({ path: pathOfRun });
      assert.deepEqual([answer.status, answer.body], [200, seen], answer.text);
    } finally {
      await racing.bridge.close();
    }
  });

  it("uses up its nonce", async () => {
    harness.engine.refunds.set(refundId, row());
    assert.equal((await harness.send({ path, nonce: "nonce-0001" })).status, 200);
    assert.equal((await harness.send({ path, nonce: "nonce-0001" })).body.code, "nonce_reused");
  });
});
