import assert from "node:assert/strict";
import { runAtom } from "../../support/memory/atoms.js";
import { MemoryReference } from "../../../adapters/memory/reference.js";
import { table } from "../../support/memory/table.js";

describe("merchant.check", () => {
  const rows = `
# merchant  status  opened     type   business  result
m1          active  pay,topup  pay    -         business pay
m1          active  pay,topup  pay    topup     business topup
m1          active  topup      pay    -         business_closed
m1          active  pay        topup  topup     business_closed
m1          frozen  pay        pay    -         merchant_frozen
m9          active  pay        pay    -         merchant_unknown
`;
  for (const [merchantId = "", status, opened = "", type = "", business, result] of table(rows))
    it(`${merchantId} ${status}, open ${opened}, ${type}/${business || "no business"}: ${result}`, async () => {
      const reference = new MemoryReference();
      const merchant = { merchantId: "m1", name: "One", businesses: opened.split(",") };
      reference.merchants.set("m1", { ...merchant, status: status as "active" | "frozen" });
      const input = { merchantId, type, ...(business ? { business } : {}) };
      const { outcome, fields = {} } = await runAtom("merchant.check", input, { ports: { reference } });
      const problem = fields["problem"] as { code: string } | undefined;
      assert.equal(problem?.code ?? `business ${String(fields["business"])}`, result);
      assert.equal(outcome, problem ? "rejected" : "ok");
    });
});
