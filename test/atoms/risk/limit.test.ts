import assert from "node:assert/strict";
import { runAtom } from "../../support/memory/atoms.js";

describe("risk.limit", () => {
  for (const [amount, outcome] of [
    [1, "ok"],
    [5000, "ok"],
    [5001, "rejected"],
  ] as const)
    it(`${amount} of at most 5000: ${outcome}`, async () => {
      const result = await runAtom(
        "risk.limit",
        { amount, currency: "CNY" },
        { params: { amountMinorMax: 5000 } },
      );
      assert.equal(result.outcome, outcome);
      const problem = result.fields?.["problem"] as { code: string } | undefined;
      assert.equal(problem?.code, outcome === "ok" ? undefined : "amount_over_limit");
    });
});
