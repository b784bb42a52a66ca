import assert from "node:assert/strict";
import type { Message } from "amqplib";
import { decode, encode, wasHandedOut } from "../../../../adapters/bus/amqp/codec.js";
import { publication } from "../../../support/broker-inbox.js";

const sent = publication("q", {
  body: { n: 1 },
  correlationId: "c",
  replyTo: "r",
  expiresAtMs: 2,
  deliveryCount: 4,
});

/** As it comes back from the broker. */
function message(
  change: { readonly properties?: object; readonly headers?: object; readonly body?: string } = {},
) {
  const { content, options } = encode(sent);
  return {
    content: change.body === undefined ? content : Buffer.from(change.body),
    fields: { redelivered: false },
    properties: {
      ...options,
      headers: { ...(options.headers as object), ...change.headers },
      ...change.properties,
    },
  } as unknown as Message;
}

describe("messages of AMQP", () => {
  it("carry what JMS has a header for in AMQP's own properties, for the broker's own tools", () => {
    const { options } = encode(sent);
    assert.deepEqual(
      [options.messageId, options.type, options.correlationId, options.replyTo, options.timestamp],
      [sent.messageId, "run", "c", "r", Math.floor(sent.readyAtMs / 1_000)],
    );
  });

  it("never have an expiration of AMQP: the broker would drop them without a word", () => {
    assert.equal(encode(sent).options.expiration, undefined);
  });

  it("come out as they went in", () => assert.deepEqual(decode(message(), "q"), sent));

  for (const [what, change, why] of [
    ["no JSON", { body: "{" }, /JSON/],
    ["no object", { body: "[1]" }, /body: not an object/],
    ["null", { body: "null" }, /body: not an object/],
    ["no message id", { properties: { messageId: undefined } }, /message-id: missing/],
    ["no type", { properties: { type: undefined } }, /type: missing/],
    ["no headers", { properties: { headers: undefined } }, /x-valence-publication-id: missing/],
    [
      "no count",
      { headers: { "x-valence-delivery-count": "4" } },
      /x-valence-delivery-count: not a whole number/,
    ],
    ["half a millisecond", { headers: { "x-valence-ready-at-ms": 0.5 } }, /x-valence-ready-at-ms/],
    ["an expiry that is none", { headers: { "x-valence-expires-at-ms": null } }, /x-valence-expires-at-ms/],
  ] as const) {
    it(`with ${what} are none of ours, and it is said why`, () =>
      assert.throws(() => decode(message(change), "q"), why));
  }

  it("were handed out before when the broker says so in either of its ways", () => {
    const redelivered = { ...message(), fields: { redelivered: true } } as unknown as Message;
    assert.equal(wasHandedOut(redelivered), true);
    assert.equal(wasHandedOut(message({ headers: { "x-delivery-count": 1 } })), true);
    assert.equal(wasHandedOut(message()), false);
  });
});
