import assert from "node:assert/strict";
import { decode, encode } from "../../../../adapters/bus/nats/codec.js";
import type { Publication } from "../../../../engine/ports/broker.js";

const whole: Publication = {
  publicationId: "p1",
  messageId: "m1",
  queue: "flow.pay",
  type: "run",
  body: { amount: 1, subject: "Tee für zwei" },
  correlationId: "c1",
  replyTo: "reply.x",
  deliveryCount: 2,
  readyAtMs: 1_700_000_000_000,
  expiresAtMs: 1_700_000_060_000,
};
const { correlationId: _c, replyTo: _r, expiresAtMs: _e, ...least } = whole;

const bytes = (text: string): Uint8Array => Buffer.from(text);
const withField = (field: string, value: unknown): string =>
  JSON.stringify({ ...(JSON.parse(encode(whole)) as object), [field]: value });

describe("publications on NATS", () => {
  for (const [what, publication] of [
    ["all", whole],
    ["no optional", least],
  ] as const) {
    it(`with ${what} fields they arrive as they were sent`, () => {
      assert.deepEqual(decode("flow.pay", bytes(encode(publication))), publication);
    });
  }

  const refused = [
    ["nonsense", "{", /JSON/],
    ["not an object", "[]", /not an object/],
    ["of a later version", withField("v", 2), /version 2 instead of 1/],
    [
      "of a version that is an object",
      withField("v", { toString: 0 }),
      /version \{"toString":0\} instead of 1/,
    ],
    ["without a message id", withField("messageId", ""), /messageId/],
    ["with a body that is no object", withField("body", []), /body/],
    ["with a count below zero", withField("deliveryCount", -1), /deliveryCount/],
    ["with a time that is text", withField("expiresAtMs", "soon"), /expiresAtMs/],
  ] as const;
  for (const [what, text, why] of refused) {
    it(`one ${what} is refused and says why`, () => {
      assert.throws(() => decode("flow.pay", bytes(text)), why);
    });
  }
});
