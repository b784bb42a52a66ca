/** Reads: scoped to the merchant, and good from the moment a 202 was sent. */
import { strict as assert } from "node:assert";
import { v7 } from "uuid";
import { problemOf, ValenceError } from "../../../../engine/errors.js";
import { deriveId } from "../../../../engine/ids.js";
import type { Row } from "../../../../engine/ports/store.js";
import {
  demoOrder,
  startBridge,
  startMs,
  until,
  type Call,
  type Harness,
} from "../../../support/bridge/harness.js";

const orderId = deriveId("order", "demo", demoOrder.merchantOrderId);
const runId = v7({ msecs: startMs });
const path = `/v1/orders/${orderId}`;
const pathOfRun = `${path}?run=${runId}`;
const byReference = `/v1/orders?merchantOrderId=${demoOrder.merchantOrderId}`;

const orderRow = (change: Row = {}): Row => ({
  ...demoOrder,
  orderId,
  merchantId: "demo",
  type: "pay",
  status: "paid",
  runId,
  channel: "card",
  channelOrderId: "C-1",
  action: null,
  error: null,
  notifyUrl: null,
  createdAt: startMs,
  updatedAt: startMs + 5,
  ...change,
});
const runRow = (change: Row = {}): Row => ({
  runId,
  orderId,
  merchantId: "demo",
  type: "pay",
  state: "open",
  ...change,
});

const orderSeen = {
  orderId,
  merchantOrderId: "A-1001",
  channelOrderId: "C-1",
  type: "pay",
  status: "paid",
  amount: 1050,
  currency: "CNY",
  channel: "card",
  createdAt: new Date(startMs).toISOString(),
  updatedAt: new Date(startMs + 5).toISOString(),
};

describe("reading an order", () => {
  let harness: Harness;
  beforeEach(async () => void (harness = await startBridge()));
  afterEach(() => harness.bridge.close());

  for (const read of [path, byReference, pathOfRun]) {
    it(`GET ${read.replace(orderId, "{orderId}").replace(runId, "{run}")} shows it`, async () => {
      harness.engine.orders.set(orderId, orderRow());
      const reply = await harness.send({ path: read });
      assert.equal(reply.status, 200, reply.text);
      assert.deepEqual(reply.body, orderSeen);
    });

    it(`GET ${read.replace(orderId, "{orderId}").replace(runId, "{run}")}: another merchant's is a 404`, async () => {
      harness.engine.orders.set(orderId, orderRow({ merchantId: "other" }));
      harness.engine.orders.set(deriveId("order", "other", "A-1001"), orderRow({ merchantId: "other" }));
      harness.engine.runs.set(runId, runRow({ merchantId: "other" }));
      const reply = await harness.send({ path: read });
      assert.equal(reply.status, 404);
      assert.equal(reply.body.code, "not_found");
    });
  }

  it("says how much of it was refunded, once something was", async () => {
    harness.engine.orders.set(orderId, orderRow({ status: "partially_refunded", refunded: 300 }));
    const { status, refundedAmount } = (await harness.send({ path })).body as Row;
    assert.deepEqual([status, refundedAmount], ["partially_refunded", 300]);
    harness.engine.orders.set(orderId, orderRow({ refunded: 0 }));
    assert.deepEqual((await harness.send({ path })).body, orderSeen);
  });

  it("a failed one shows why", async () => {
    const error = problemOf("channel_declined", "51");
    harness.engine.orders.set(orderId, orderRow({ status: "failed", error }));
    assert.deepEqual((await harness.send({ path })).body["error"], error);
  });

  it("a frozen merchant may still see what has become of his orders", async () => {
    const own = deriveId("order", "cold", "A-1001");
    harness.engine.orders.set(own, orderRow({ orderId: own, merchantId: "cold" }));
    assert.equal((await harness.send({ path: `/v1/orders/${own}`, merchantId: "cold" })).status, 200);
  });

  it("what a 202 points to is never lost between two reads: the run ends while it is looked at", async () => {
    const { engine } = harness;
    // Whatever is read first, everything happens right after it.
    const happens = (): void => {
      engine.orders.set(orderId, orderRow());
      engine.runs.set(runId, runRow({ state: "ended" }));
    };
    const before =
      <T>(map: ReadonlyMap<string, T>) =>
      async (id: string): Promise<T | undefined> => {
        const seen = map.get(id);
        happens();
        return seen;
      };
    const racing = await startBridge({ readOrder: before(engine.orders), readRun: before(engine.runs) });
    try {
      const reply = await racing.send({ path: pathOfRun });
      assert.deepEqual([reply.status, reply.body["status"]], [200, "paid"], reply.text);
    } finally {
      await racing.bridge.close();
    }
  });

  it("uses up its nonce, and nothing else", async () => {
    harness.engine.orders.set(orderId, orderRow());
    assert.equal((await harness.send({ path, nonce: "nonce-0001" })).status, 200);
    assert.equal((await harness.send({ path, nonce: "nonce-0001" })).body.code, "nonce_reused");
    assert.equal(harness.engine.units.length, 1);
    assert.deepEqual(harness.engine.published, []);
  });

  const refused: readonly (readonly [what: string, status: number, code: string, call: Call])[] = [
    ["no such order", 404, "not_found", { path }],
    ["no such merchantOrderId", 404, "not_found", { path: byReference }],
    ["an id that is none", 404, "not_found", { path: "/v1/orders/1" }],
    [
      "an id in upper case",
      404,
      "not_found",
      { path: path.toUpperCase().replace("/V1/ORDERS", "/v1/orders") },
    ],
    ["an id as SQL", 404, "not_found", { path: "/v1/orders/%27%20or%201=1" }],
    ["a run that is none", 404, "not_found", { path: `${path}?run=1` }],
    ["an empty run", 404, "not_found", { path: `${path}?run=` }],
    ["two runs", 404, "not_found", { path: `${pathOfRun}&run=${runId}` }],
    ["neither id nor reference", 422, "field_missing", { path: "/v1/orders" }],
    ["two references", 422, "field_missing", { path: `${byReference}&merchantOrderId=B` }],
    ["no signature", 401, "credentials_missing", { path, authorization: "none" }],
    [
      "a wrong signature",
      401,
      "signature_invalid",
      { path, key: { algorithm: "hmac-sha256", secret: "guess" } },
    ],
    ["an unknown merchant", 401, "merchant_unknown", { path, merchantId: "nobody" }],
  ];
  for (const [what, status, code, call] of refused) {
    it(`${what}: ${status} ${code}`, async () => {
      const reply = await harness.send(call);
      assert.equal(reply.status, status);
      assert.equal(reply.body.code, code);
      assert.deepEqual(harness.engine.published, []);
    });
  }

  it("the database cannot be reached: 503 unavailable", async () => {
    harness.engine.beforeCommit = () => Promise.reject(new ValenceError("database_unreachable", "refused"));
    const reply = await harness.send({ path });
    assert.equal(reply.status, 503);
    assert.equal(reply.body.code, "unavailable");
    assert.equal(reply.headers["retry-after"], "1");
  });
});

describe("reading what a 202 points to", () => {
  let harness: Harness;
  beforeEach(async () => void (harness = await startBridge()));
  afterEach(() => harness.bridge.close());

  const problem = problemOf("order_mismatch", "another amount");
  const ended = { state: "ended", reason: "rejected", problem };
  const anotherRun = v7({ msecs: startMs - 1000 });
  const states: readonly (readonly [
    what: string,
    rows: { readonly order?: Row; readonly run?: Row },
    status: number,
    seen: string,
  ])[] = [
    // the rows                                                       answer
    ["nothing written yet", {}, 200, "processing"],
    ["a run under way", { run: runRow() }, 200, "processing"],
    ["a parked run", { run: runRow({ state: "parked" }) }, 200, "processing"],
    ["the order", { order: orderRow({ status: "processing" }), run: runRow() }, 200, "processing"],
    ["the order, decided", { order: orderRow(), run: runRow({ state: "ended" }) }, 200, "paid"],
    [
      "a declined order, whose run ended with that problem",
      { order: orderRow({ status: "failed" }), run: runRow(ended) },
      200,
      "failed",
    ],
    ["a run that was rejected", { run: runRow(ended) }, 409, "order_mismatch"],
    [
      "a run rejected because of an order of that name",
      { order: orderRow({ runId: anotherRun }), run: runRow(ended) },
      409,
      "order_mismatch",
    ],
    [
      "a repeated submission of an order",
      { order: orderRow({ runId: anotherRun }), run: runRow({ state: "ended" }) },
      200,
      "paid",
    ],
    [
      "a run that ended and left no order",
      { run: runRow({ state: "ended", problem: null }) },
      404,
      "not_found",
    ],
    ["a run of another merchant", { run: runRow({ merchantId: "other" }) }, 404, "not_found"],
    [
      "a run of another order",
      { run: runRow({ orderId: deriveId("order", "demo", "B") }) },
      404,
      "not_found",
    ],
  ];
  for (const [what, { order, run }, status, seen] of states) {
    it(`${what}: ${status} ${seen}`, async () => {
      if (order) harness.engine.orders.set(orderId, order);
      if (run) harness.engine.runs.set(runId, run);
      const reply = await harness.send({ path: pathOfRun });
      assert.equal(reply.status, status, reply.text);
      assert.equal(reply.body.code ?? reply.body.status, seen);
    });
  }

  it("the Location of a 202 is good at once, then shows the order", async () => {
    const pending = harness.send({ path: "/v1/orders", body: demoOrder });
    await until(() => harness.engine.published.length === 1, "the run starts");
    harness.clock.advance(3_000);
    const location = String((await pending).headers["location"]);
    const before = await harness.send({ path: location });
    assert.equal(before.status, 200);
    assert.deepEqual(
      { orderId: before.body["orderId"], status: before.body["status"] },
      { orderId, status: "processing" },
    );
    harness.engine.orders.set(
      orderId,
      orderRow({ runId: new URL(location, harness.url).searchParams.get("run") }),
    );
    assert.deepEqual((await harness.send({ path: location })).body, orderSeen);
  });
});
