/** The institution's own callback: forwarded raw and durably, answered in its own dialect. */
import { strict as assert } from "node:assert";
import { isId } from "../../../../engine/ids.js";
import { problemOf } from "../../../../engine/errors.js";
import type { Row } from "../../../../engine/ports/store.js";
import type { RunBody } from "../../../../engine/runtime/message.js";
import { activeTypes } from "../../../support/bridge/definitions.js";
import { startBridge, until, type Call, type Harness } from "../../../support/bridge/harness.js";

const bytes = Buffer.from([0x3c, 0xff, 0x00, 0x3e]);
const call: Call = {
  path: "/channels/card/notify?v=2",
  body: bytes,
  authorization: "none",
  headers: { "content-type": "text/xml", "X-Signature": "abc", "x-twice": ["1", "2"] },
};

describe("a channel's callback", () => {
  let harness: Harness;
  beforeEach(async () => void (harness = await startBridge()));
  afterEach(() => harness.bridge.close());
  const answers = (callbackReply: unknown): void =>
    void (harness.engine.flow = () => ({ fields: { callbackReply } as Row }));

  it("travels to the channel's queue as it came", async () => {
    answers({ status: 200, contentType: "text/plain", body: "success" });
    await harness.send(call);
    const [message, ...more] = harness.engine.published;
    assert.ok(message && more.length === 0);
    assert.equal(message.queue, "channel.card.follow");
    assert.equal(message.replyTo, "bridge-1");
    const { flow, fields } = message.body as unknown as RunBody;
    assert.equal(flow, "callback");
    const headers = fields["callbackHeaders"] as Readonly<Record<string, string>>;
    assert.deepEqual(
      { type: headers["content-type"], signature: headers["x-signature"], twice: headers["x-twice"] },
      { type: "text/xml", signature: "abc", twice: "1, 2" },
    );
    assert.deepEqual(Buffer.from(String(fields["callbackBody"]), "base64"), bytes);
    assert.deepEqual(
      [fields["channel"], fields["merchantId"], fields["type"]],
      ["card", "", "channel.callback"],
    );
    assert.ok(isId(String(fields["orderId"])));
  });

  it("gets the module's answer as it is, whatever its status", async () => {
    answers({ status: 401, contentType: "text/xml", body: "<no>伪</no>" });
    const reply = await harness.send(call);
    assert.deepEqual(
      [reply.status, reply.headers["content-type"], reply.text],
      [401, "text/xml", "<no>伪</no>"],
    );
  });

  it("gets 503 channel_silent after 4 s", async () => {
    const pending = harness.send(call);
    await until(() => harness.engine.published.length === 1, "the run starts");
    harness.clock.advance(3_999);
    assert.equal(harness.clock.pending, 1);
    harness.clock.advance(1);
    const reply = await pending;
    assert.deepEqual(
      [reply.status, reply.body.code, reply.headers["retry-after"]],
      [503, "channel_silent", "1"],
    );
  });

  const unfit: readonly (readonly [what: string, reply: unknown])[] = [
    ["no answer in the reply", undefined],
    ["a status that is none", { status: 99, contentType: "text/plain", body: "" }],
    ["a body that is no text", { status: 200, contentType: "text/plain", body: {} }],
  ];
  for (const [what, reply] of unfit) {
    it(`${what}: 503 channel_silent`, async () => {
      answers(reply);
      assert.equal((await harness.send(call)).body.code, "channel_silent");
    });
  }

  it("gets the problem its run ended with", async () => {
    harness.engine.flow = () => ({ problem: problemOf("reference_stale", "x"), fields: {} });
    assert.equal((await harness.send(call)).body.code, "reference_stale");
  });

  it("to a channel nobody knows: 404, and nothing is published", async () => {
    const reply = await harness.send({ ...call, path: "/channels/nobody/notify" });
    assert.deepEqual([reply.status, reply.body.code], [404, "not_found"]);
    assert.deepEqual(harness.engine.published, []);
  });

  it("while no flow takes callbacks: 503 channel_silent, and nothing is published", async () => {
    harness.catalogue.activate(activeTypes.filter(({ type }) => type !== "channel.callback"));
    assert.equal((await harness.send(call)).body.code, "channel_silent");
    assert.deepEqual(harness.engine.published, []);
  });

  it("over 64 KiB: 413, and nothing is published", async () => {
    const reply = await harness.send({ ...call, body: Buffer.alloc(65_537) });
    assert.equal(reply.body.code, "body_too_large");
    assert.deepEqual(harness.engine.published, []);
  });

  it("that could not be made durable: 503 channel_silent", async () => {
    const bus = { ...harness.engine.bus, publish: () => Promise.reject(new Error("no broker")) };
    const other = await startBridge({ bus });
    try {
      assert.equal((await other.send(call)).body.code, "channel_silent");
      assert.equal(other.clock.pending, 0);
    } finally {
      await other.bridge.close();
    }
  });
});
