import assert from "node:assert/strict";
import type { Dictionary } from "../../../engine/dictionary.js";
import { maskMessage } from "../../../engine/runtime/message-view.js";

const text = { type: "string" } as const;
const dictionary: Dictionary = {
  subject: { title: "what is paid for", schema: text },
  cardNumber: { title: "card", schema: text, class: "mask" },
  cvv: { title: "code", schema: text, class: "seal" },
};
const hidden = "4242424242424242";

describe("a message as people may see it", () => {
  it("keeps what it says about itself and masks its fields by the dictionary", () => {
    const body = {
      ...{ runId: "r", flow: "pay", stage: "charge", hop: 2, entries: { charge: 1 }, republished: true },
      fields: { subject: "tea", cardNumber: hidden, cvv: "123", stranger: hidden },
    };
    assert.deepEqual(maskMessage(dictionary, body), {
      ...body,
      fields: { subject: "tea", cardNumber: "************4242", cvv: "***", stranger: "************4242" },
    });
  });

  const broken: readonly (readonly [string, Record<string, unknown>])[] = [
    ["a member nobody knows", { card: hidden }],
    ["fields that are none", { fields: [hidden] }],
    ["an envelope that carries more than it should", { stage: { card: hidden } }],
    ["counts that are none", { entries: { charge: hidden } }],
    ["what is announced when the run is over", { otherwise: { fields: { cardNumber: hidden } } }],
  ];
  for (const [what, body] of broken)
    it(`${what}: shows nothing of it`, () => {
      assert.ok(!JSON.stringify(maskMessage(dictionary, body)).includes(hidden));
    });
});
