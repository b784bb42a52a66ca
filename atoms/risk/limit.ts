import { defineAtom } from "../define.js";
import { problemField } from "../problem.js";

/** Refuses an order above a fixed amount. `amountMinorMax` is in minor units of the order's own currency. */
export const riskLimit = defineAtom({
  name: "risk.limit",
  version: 1,
  title: "Amount does not exceed a limit",
  effect: "pure",
  reads: ["amount", "currency"],
  outcomes: { ok: {}, rejected: { writes: ["problem"] } },
  params: {
    type: "object",
    properties: { amountMinorMax: { type: "integer", minimum: 1 } },
    required: ["amountMinorMax"],
    additionalProperties: false,
  },
  run: ({ amount, currency }, { params }) => {
    const max = Number(params["amountMinorMax"]);
    if (amount <= max) return { outcome: "ok" };
    const detail = `amount ${amount} exceeds ${max} minor units of ${currency}, the limit of this transaction type`;
    return { outcome: "rejected", fields: { problem: problemField("amount_over_limit", detail) } };
  },
});
