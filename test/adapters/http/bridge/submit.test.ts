/** What a valid request becomes, and what comes back. */
import { strict as assert } from "node:assert";
import { deriveId, isId } from "../../../../engine/ids.js";
import { problemOf, ValenceError } from "../../../../engine/errors.js";
import type { Row } from "../../../../engine/ports/store.js";
import type { RunBody } from "../../../../engine/runtime/message.js";
import { activeTypes } from "../../../support/bridge/definitions.js";
import {
  demoOrder,
  rsa,
  startBridge,
  startMs,
  until,
  type Harness,
} from "../../../support/bridge/harness.js";

const orderId = deriveId("order", "demo", demoOrder.merchantOrderId);
const createdAt = new Date(startMs).toISOString();

/** What the reply atom of a flow sends: the run's fields and the order's state. */
const replies = (run: RunBody, fields: Row): { fields: Row } => ({
  fields: { ...run.fields, orderCreatedAt: startMs, orderUpdatedAt: startMs + 5, ...fields },
});

describe("a valid request", () => {
  let harness: Harness;
  beforeEach(async () => void (harness = await startBridge()));
  afterEach(() => harness.bridge.close());
  const started = (): RunBody => harness.engine.published[0]?.body as unknown as RunBody;

  it("becomes one unit: the nonce and the first message, addressed to this instance", async () => {
    harness.engine.flow = (run) => replies(run, { orderStatus: "paid" });
    await harness.send({ path: "/v1/orders", body: demoOrder, nonce: "nonce-0001" });
    const [unit, ...more] = harness.engine.units;
    assert.ok(unit && more.length === 0);
    assert.deepEqual(unit.writes, [
      {
        kind: "insert",
        table: "nonces",
        row: { merchantId: "demo", nonce: "nonce-0001", expiresAt: startMs + 302_000 },
        exists: "conflict",
      },
    ]);
    assert.equal(unit.message, undefined);
    assert.equal(unit.journal, undefined);
    const [message, ...others] = unit.publish;
    assert.ok(message && others.length === 0);
    const runId = message.correlationId ?? "";
    assert.ok(isId(runId));
    assert.deepEqual(
      { queue: message.queue, type: message.type, replyTo: message.replyTo },
      { queue: "flow.pay", type: "run", replyTo: "bridge-1" },
    );
    assert.deepEqual(message.body, {
      runId,
      flow: "pay",
      planHash: "hash-of-pay",
      type: "pay",
      stage: "intake",
      hop: 0,
      acceptedAtMs: startMs,
      fields: { ...demoOrder, business: "payment", merchantId: "demo", type: "pay", orderId },
      entries: {},
      signalsSeen: 0,
    });
  });

  const answers: readonly (readonly [what: string, status: number, reply: Row, seen: Row])[] = [
    [
      "paid",
      201,
      { orderStatus: "paid", channel: "card", channelOrderId: "C-1" },
      { status: "paid", channel: "card", channelOrderId: "C-1" },
    ],
    [
      "an action is needed",
      201,
      { orderStatus: "requires_action", action: { kind: "qr", content: "abc" } },
      { status: "requires_action", action: { kind: "qr", content: "abc" } },
    ],
    [
      "declined",
      201,
      { orderStatus: "failed", problem: problemOf("channel_declined", "51") },
      { status: "failed", error: problemOf("channel_declined", "51") },
    ],
    ["a repeated submission", 200, { orderStatus: "paid", repeated: true }, { status: "paid" }],
    [
      "a repeated submission, still under way",
      200,
      { orderStatus: "processing", repeated: true },
      { status: "processing" },
    ],
    ["replied, but undecided", 202, { orderStatus: "processing" }, { status: "processing" }],
  ];
  for (const [what, status, fields, seen] of answers) {
    it(`${what}: ${status}`, async () => {
      harness.engine.flow = (run) => replies(run, fields);
      const reply = await harness.send({ path: "/v1/orders", body: demoOrder });
      assert.equal(reply.status, status);
      assert.deepEqual(reply.body, {
        orderId,
        merchantOrderId: "A-1001",
        type: "pay",
        amount: 1050,
        currency: "CNY",
        createdAt,
        updatedAt: new Date(startMs + 5).toISOString(),
        ...seen,
      });
      const run = status === 202 ? `?run=${started().runId}` : "";
      assert.equal(reply.headers["location"], `/v1/orders/${orderId}${run}`);
    });
  }

  it("rejected by its flow: the flow's problem, with its status", async () => {
    const problem = problemOf("order_mismatch", "the order has another amount");
    harness.engine.flow = () => ({ problem, fields: {} });
    const reply = await harness.send({ path: "/v1/orders", body: demoOrder });
    assert.equal(reply.status, 409);
    assert.deepEqual(reply.body, problem);
  });

  it("a problem whose status is no error is never shown as a success", async () => {
    harness.engine.flow = () => ({ problem: { ...problemOf("internal", "x"), status: 200 }, fields: {} });
    assert.equal((await harness.send({ path: "/v1/orders", body: demoOrder })).status, 500);
  });

  it("without a reply: 202 after replyWaitMs, with a Location; a reply that comes later harms nobody", async () => {
    const pending = harness.send({ path: "/v1/orders", body: demoOrder });
    await until(() => harness.engine.published.length === 1, "the run starts");
    harness.clock.advance(2_999);
    assert.equal(harness.clock.pending, 1);
    harness.clock.advance(1);
    const reply = await pending;
    assert.equal(reply.status, 202);
    assert.equal(reply.headers["location"], `/v1/orders/${orderId}?run=${started().runId}`);
    assert.deepEqual(reply.body, {
      orderId,
      merchantOrderId: "A-1001",
      type: "pay",
      status: "processing",
      amount: 1050,
      currency: "CNY",
      createdAt,
      updatedAt: createdAt,
    });
    const [message] = harness.engine.published;
    assert.ok(message);
    harness.engine.reply(message, { fields: { orderStatus: "paid" } });
  });

  it("hears only its own reply among others, and what is no reply", async () => {
    const first = harness.send({ path: "/v1/orders", body: { ...demoOrder, merchantOrderId: "first" } });
    await until(() => harness.engine.published.length === 1, "the first run starts");
    const second = harness.send({ path: "/v1/orders", body: { ...demoOrder, merchantOrderId: "second" } });
    await until(() => harness.engine.published.length === 2, "the second run starts");
    for (const noise of [null, 1, "x", {}, { correlationId: 7 }, { correlationId: "unknown", fields: {} }]) {
      harness.engine.broadcast("reply.bridge-1", noise);
    }
    const [one, two] = harness.engine.published;
    assert.ok(one && two);
    harness.engine.reply(two, { fields: { orderStatus: "failed" } });
    harness.engine.reply(one, { fields: { orderStatus: "paid" } });
    assert.deepEqual([(await first).body["status"], (await second).body["status"]], ["paid", "failed"]);
  });

  it("signed with RSA is as good", async () => {
    harness.engine.flow = (run) => replies(run, { orderStatus: "paid" });
    const key = { algorithm: "rsa-sha256", privateKeyPem: rsa.privateKey } as const;
    for (const nonce of ["rsa-nonce-1", "rsa-nonce-2"]) {
      assert.equal(
        (await harness.send({ path: "/v1/orders", body: demoOrder, keyId: "r1", key, nonce })).status,
        201,
      );
    }
  });

  it("signed 300 s ago or 300 s ahead is just in time", async () => {
    harness.engine.flow = (run) => replies(run, { orderStatus: "paid" });
    for (const offsetMs of [-300_000, 300_000]) {
      assert.equal((await harness.send({ path: "/v1/orders", body: demoOrder, offsetMs })).status, 201);
    }
  });

  it("a nonce is good once: the second request is refused and starts nothing", async () => {
    harness.engine.flow = (run) => replies(run, { orderStatus: "paid" });
    const call = { path: "/v1/orders", body: demoOrder, nonce: "nonce-0001" };
    const results = await Promise.all([harness.send(call), harness.send(call), harness.send(call)]);
    assert.deepEqual(results.map((reply) => reply.body.code ?? reply.status).sort(), [
      201,
      "nonce_reused",
      "nonce_reused",
    ]);
    assert.equal(harness.engine.published.length, 1);
  });

  it("a nonce belongs to its merchant", async () => {
    harness.engine.flow = (run) => replies(run, { orderStatus: "paid" });
    const call = { path: "/v1/orders", body: demoOrder, nonce: "nonce-0001" };
    assert.equal((await harness.send(call)).status, 201);
    assert.equal((await harness.send({ ...call, merchantId: "other" })).status, 201);
  });

  it("carries the presets of its type", async () => {
    harness.engine.flow = (run) => replies(run, { orderStatus: "paid" });
    const reply = await harness.send({ path: "/v1/transactions/topup", body: demoOrder });
    assert.equal(reply.body["type"], "topup");
    assert.deepEqual(started().fields, {
      ...demoOrder,
      business: "topup",
      method: "card",
      merchantId: "demo",
      type: "topup",
      orderId,
    });
  });

  it("takes every field its flow takes, and a media type with a parameter", async () => {
    harness.engine.flow = (run) => replies(run, { orderStatus: "paid" });
    const body = {
      ...demoOrder,
      subject: "两杯咖啡 ☕",
      method: "card",
      channel: "card",
      notifyUrl: "https://example.com/notify?a=1",
      returnUrl: "http://shop.example:8080/",
      expiresInSeconds: 600,
      metadata: { "a/b": "c" },
    };
    const headers = { "content-type": "Application/JSON; charset=utf-8" };
    const reply = await harness.send({ path: "/v1/orders", body, headers });
    assert.equal(reply.status, 201, reply.text);
    assert.deepEqual(started().fields, {
      ...body,
      business: "payment",
      merchantId: "demo",
      type: "pay",
      orderId,
    });
  });

  it("of a key given twice charges what was validated: the last one", async () => {
    const body = JSON.stringify(demoOrder).replace("{", '{"amount":"free",');
    harness.engine.flow = (run) => replies(run, { orderStatus: "paid" });
    assert.equal((await harness.send({ path: "/v1/orders", body })).body["amount"], 1050);
    assert.equal(started().fields["amount"], 1050);
  });

  it("the same merchantOrderId names the same order, another merchant's another", async () => {
    harness.engine.flow = (run) => replies(run, { orderStatus: "paid" });
    const ids = [];
    for (const merchantId of ["demo", "demo", "other"]) {
      ids.push((await harness.send({ path: "/v1/orders", body: demoOrder, merchantId })).body["orderId"]);
    }
    assert.equal(ids[0], ids[1]);
    assert.notEqual(ids[0], ids[2]);
  });

  it("without a reference of its own is named by Idempotency-Key, else by nothing", async () => {
    harness.engine.flow = (run) => replies(run, { orderStatus: "paid" });
    const donate = async (key?: string): Promise<unknown> => {
      const call = { path: "/v1/transactions/donate", body: { amount: 1, currency: "CNY" } };
      return (await harness.send({ ...call, headers: { "idempotency-key": key } })).body["orderId"];
    };
    const [a1, a2, b, none1, none2] = [
      await donate("a"),
      await donate("a"),
      await donate("b"),
      await donate(),
      await donate(),
    ];
    assert.equal(a1, a2);
    assert.equal(new Set([a1, b, none1, none2]).size, 4);
    // No merchantOrderId can name the order of a key.
    for (const reference of ["a", "key:a"]) assert.notEqual(a1, deriveId("order", "demo", reference));
  });

  it("is validated by the definitions in force, from the moment they change", async () => {
    harness.engine.flow = (run) => replies(run, { orderStatus: "paid" });
    const call = { path: "/v1/orders", body: demoOrder };
    assert.equal((await harness.send(call)).status, 201);
    const [pay, ...others] = activeTypes;
    assert.ok(pay);
    harness.catalogue.activate([{ ...pay, set: { ...pay.set, subject: "always this" } }, ...others]);
    assert.equal((await harness.send(call)).body.code, "field_unknown");
    harness.catalogue.activate(others);
    assert.equal((await harness.send(call)).body.code, "type_unknown");
  });

  it("leaves one event and its metrics", async () => {
    harness.engine.flow = (run) => replies(run, { orderStatus: "paid" });
    await harness.send({ path: "/v1/orders", body: demoOrder });
    assert.deepEqual(harness.events, [
      {
        event: "request.accepted",
        type: "pay",
        merchantId: "demo",
        orderId,
        runId: started().runId,
        status: 201,
        elapsedMs: 0,
      },
    ]);
    await until(() => harness.metrics.length === 2, "the request is counted");
    assert.deepEqual(harness.metrics, [
      "valence_requests_total{route=/v1/orders,status=201}",
      "valence_request_seconds{route=/v1/orders}",
    ]);
  });
});

describe("a commit that does not confirm", () => {
  let harness: Harness;
  beforeEach(async () => void (harness = await startBridge()));
  afterEach(() => harness.bridge.close());
  const send = (): ReturnType<Harness["send"]> => harness.send({ path: "/v1/orders", body: demoOrder });
  const fails = (error: Error) => async (): Promise<never> => Promise.reject(error);

  const failures: readonly (readonly [what: string, status: number, code: string, error: Error])[] = [
    ["an unknown end", 503, "accept_unconfirmed", new ValenceError("commit_unknown", "connection lost")],
    ["no database", 503, "accept_unconfirmed", new ValenceError("database_unreachable", "refused")],
    ["an error of the driver", 503, "accept_unconfirmed", new TypeError("password=hunter2")],
    ["a refused row", 500, "internal", new ValenceError("write_rejected", "bad data")],
  ];
  for (const [what, status, code, error] of failures) {
    it(`${what}: ${status} ${code}, without its inner words`, async () => {
      harness.engine.beforeCommit = fails(error);
      const reply = await send();
      assert.equal(reply.status, status);
      assert.equal(reply.body.code, code);
      assert.ok(!reply.text.includes("hunter2"));
      assert.equal(harness.clock.pending, 0);
    });
  }

  it("a database that says nothing does not keep the caller: 503 accept_unconfirmed after replyWaitMs", async () => {
    let release: () => void = () => undefined;
    let asked = false;
    harness.engine.beforeCommit = () => {
      asked = true;
      return new Promise((resolve) => (release = resolve));
    };
    const pending = send();
    await until(() => asked, "the commit begins");
    harness.clock.advance(3_000);
    assert.equal((await pending).body.code, "accept_unconfirmed");
    release();
  });

  it("a caller who wants no reply is answered 202 when the commit is done, not before", async () => {
    const own = await startBridge({ settings: { replyWaitMs: 0 } });
    try {
      let release: () => void = () => undefined;
      let asked = false;
      own.engine.beforeCommit = () => new Promise((resolve) => ((asked = true), (release = resolve)));
      const pending = own.send({ path: "/v1/orders", body: demoOrder });
      await until(() => asked, "the commit begins");
      own.clock.advance(1);
      release();
      assert.equal((await pending).status, 202);
    } finally {
      await own.bridge.close();
    }
  });

  it("a reply that overtakes the confirmation is an answer, even when the confirmation is lost", async () => {
    harness.engine.flow = (run) => replies(run, { orderStatus: "paid" });
    harness.engine.afterCommit = fails(new ValenceError("commit_unknown", "connection lost"));
    assert.equal((await send()).status, 201);
  });
});
