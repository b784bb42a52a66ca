import { defineAtom } from "../define.js";
import { problemField } from "../problem.js";

/**
 * The merchant must be active and must have the business opened. A type that presets no `business` is its own
 * business: type `pay` needs the business `pay`.
 */
export const merchantCheck = defineAtom({
  name: "merchant.check",
  version: 1,
  title: "Merchant is active and has the business opened",
  effect: "pure",
  reads: ["merchantId", "type"],
  readsIfPresent: ["business"],
  outcomes: { ok: { writes: ["business"] }, rejected: { writes: ["problem"] } },
  run: async ({ merchantId, type, business = type }, { ports }) => {
    const merchant = await ports.reference.merchant(merchantId);
    if (!merchant) return rejected("merchant_unknown", `merchant ${merchantId} is not registered`);
    if (merchant.status !== "active") return rejected("merchant_frozen", `merchant ${merchantId} is frozen`);
    if (!merchant.businesses.includes(business)) {
      return rejected("business_closed", `business ${business} is not open for merchant ${merchantId}`);
    }
    return { outcome: "ok", fields: { business } };
  },
});

const rejected = (code: "merchant_unknown" | "merchant_frozen" | "business_closed", detail: string) => ({
  outcome: "rejected" as const,
  fields: { problem: problemField(code, detail) },
});
