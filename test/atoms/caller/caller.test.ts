import assert from "node:assert/strict";
import { runAtom } from "../../support/memory/atoms.js";

const problem = { type: "t", title: "t", status: 422, code: "no_route", detail: "d" };
const action = { kind: "qr" };

describe("caller.answer", () => {
  /** `answer`: `none`, `problem`, or the names of the fields that are shown. */
  const rows: readonly (readonly [string, object, object, string])[] = [
    ["an order", { orderStatus: "paid" }, {}, "orderStatus"],
    ["a refusal", { problem }, {}, "problem"],
    ["a failed order", { orderStatus: "failed", problem }, {}, "orderStatus problem"],
    ["a paid order that had a problem", { orderStatus: "paid", problem }, {}, "orderStatus"],
    ["a next step", { orderStatus: "requires_action", action }, {}, "orderStatus action"],
    ["a next step that is over", { orderStatus: "paid", action }, {}, "orderStatus"],
    ["an order, when only problems are told", { orderStatus: "paid" }, { only: "problem" }, "none"],
    ["a refusal, when only problems are told", { problem }, { only: "problem" }, "problem"],
  ];
  for (const [what, fields, params, answer] of rows)
    it(`${what}: ${answer}`, async () => {
      const { outcome, reply } = await runAtom("caller.answer", { ...fields }, { params: { ...params } });
      assert.equal(outcome, "ok");
      const shown = reply?.problem ? "problem" : reply ? Object.keys(reply.fields).join(" ") : "none";
      assert.equal(shown, answer);
    });
});
