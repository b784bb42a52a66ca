/** A small active definition set: what the bridge sees of the compiler's work. */
import { dictionary } from "../../../atoms/fields.js";
import type { Plan } from "../../../engine/compiler/plan.js";
import type { ActiveType, Catalogue } from "../../../engine/registry/catalogue.js";

export const systemFields: readonly string[] = ["merchantId", "type", "orderId"];

const plan = (flow: string, queue: string, input: readonly string[], optional: readonly string[]): Plan => ({
  format: 1,
  flow,
  title: flow,
  input,
  optional,
  subscribe: [],
  start: "intake",
  stages: {
    intake: {
      kind: "transaction",
      transaction: `${flow}.accept`,
      queue,
      steps: [],
      on: { ok: { to: "end", state: "done" } },
    },
  },
  hash: `hash-of-${flow}`,
});

const payPlan = plan(
  "pay",
  "flow.pay",
  ["merchantId", "type", "merchantOrderId", "amount", "currency", "subject"],
  ["business", "method", "channel", "notifyUrl", "returnUrl", "expiresInSeconds", "metadata"],
);

export const activeTypes: readonly ActiveType[] = [
  { type: "pay", title: "Payment", set: { business: "payment" }, plan: payPlan },
  { type: "topup", title: "Account top-up", set: { business: "topup", method: "card" }, plan: payPlan },
  // Has no merchantOrderId: named by Idempotency-Key, or not at all.
  {
    type: "donate",
    title: "Donation <of & any> amount",
    set: {},
    plan: plan("donate", "flow.donate", ["amount", "currency"], []),
  },
  // Acts on an order there is.
  {
    type: "close",
    title: "Close",
    set: { closeReason: "merchant" },
    plan: plan("close", "flow.close", ["orderId"], ["closeReason"]),
  },
  {
    type: "channel.callback",
    title: "Callback",
    set: {},
    plan: plan(
      "callback",
      "channel.{channel}.follow",
      ["merchantId", "type", "orderId", "channel", "callbackHeaders", "callbackBody"],
      [],
    ),
  },
];

/** A catalogue whose set can be exchanged. */
export class MemoryCatalogue implements Catalogue {
  version = 1;
  private active: ReadonlyMap<string, ActiveType> = new Map();

  constructor(types: readonly ActiveType[] = activeTypes) {
    this.activate(types);
    this.version = 1;
  }

  activate(types: readonly ActiveType[]): void {
    this.active = new Map(types.map((active) => [active.type, active]));
    this.version += 1;
  }

  types = (): readonly ActiveType[] => [...this.active.values()];
  type = (name: string): ActiveType | undefined => this.active.get(name);
  plans = (): readonly Plan[] => [...new Set(this.types().map((active) => active.plan))];
  plan = async (hash: string): Promise<Plan | undefined> => this.plans().find((known) => known.hash === hash);
  onChange = (): (() => void) => () => undefined;
}

export { dictionary };
