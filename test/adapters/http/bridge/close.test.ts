/** `POST /v1/orders/{orderId}/close`. */
import { strict as assert } from "node:assert";
import { problemOf } from "../../../../engine/errors.js";
import { deriveId } from "../../../../engine/ids.js";
import type { RunBody } from "../../../../engine/runtime/message.js";
import { demoOrder, startBridge, until, type Harness } from "../../../support/bridge/harness.js";

const orderId = deriveId("order", "demo", demoOrder.merchantOrderId);
const path = `/v1/orders/${orderId}/close`;

describe("closing an order", () => {
  let harness: Harness;
  beforeEach(async () => void (harness = await startBridge()));
  afterEach(() => harness.bridge.close());
  const started = (): RunBody => harness.engine.published[0]?.body as unknown as RunBody;

  it("starts a run of type close about that order, in the merchant's name", async () => {
    harness.engine.flow = (run) => ({ fields: { ...run.fields, ...demoOrder, orderStatus: "closed" } });
    const reply = await harness.send({ path, method: "POST", body: "" });
    assert.deepEqual([reply.status, reply.body["status"], reply.body["orderId"]], [200, "closed", orderId]);
    assert.equal(reply.headers.location, `/v1/orders/${orderId}`);
    const { type, fields } = started();
    assert.deepEqual(
      [type, fields],
      ["close", { closeReason: "merchant", merchantId: "demo", type: "close", orderId }],
    );
    assert.equal(harness.engine.published[0]?.queue, "flow.close");
  });

  it("an empty object is no body, too", async () => {
    harness.engine.flow = () => ({ fields: { orderStatus: "closed" } });
    assert.equal((await harness.send({ path, body: {} })).status, 200);
  });

  it("not confirmed in time: 202, and where it points is good at once", async () => {
    const pending = harness.send({ path, method: "POST", body: "" });
    await until(() => harness.engine.published.length === 1, "the run is published");
    harness.clock.advance(3_000);
    const reply = await pending;
    assert.deepEqual([reply.status, reply.body["status"]], [202, "processing"]);
    assert.equal(reply.headers.location, `/v1/orders/${orderId}?run=${started().runId}`);
  });

  const problems = [
    ["paid", 409, "order_paid"],
    ["nobody's", 404, "not_found"],
  ] as const;
  for (const [what, status, code] of problems)
    it(`what is ${what}: ${status} ${code}, as the flow says`, async () => {
      harness.engine.flow = () => ({ fields: {}, problem: problemOf(code, what) });
      const reply = await harness.send({ path, method: "POST", body: "" });
      assert.deepEqual([reply.status, reply.body.code], [status, code]);
    });

  const refused = [
    ["an id that is none", { path: "/v1/orders/1/close" }, 404, "not_found"],
    ["a body with a field", { path, body: { amount: 1 } }, 422, "field_unknown"],
    ["a reason of the caller's own", { path, body: { closeReason: "expired" } }, 422, "field_unknown"],
    ["no signature", { path, authorization: "none" }, 401, "credentials_missing"],
    ["a frozen merchant", { path, merchantId: "cold" }, 403, "merchant_frozen"],
    ["as a transaction", { path: "/v1/transactions/close", body: {} }, 404, "type_unknown"],
  ] as const;
  for (const [what, call, status, code] of refused)
    it(`${what}: ${code}, and nothing is started`, async () => {
      const reply = await harness.send({ method: "POST", body: "", ...call });
      assert.deepEqual([reply.status, reply.body.code], [status, code]);
      assert.deepEqual(harness.engine.published, []);
    });
});
