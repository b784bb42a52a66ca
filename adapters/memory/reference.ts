/** Merchants, routes and channels of a test, and a merchant who answers as scripted. */
import { ValenceError } from "../../engine/errors.js";
import type { WebhookAnswer, WebhookRequest, WebhookSender } from "../../engine/ports/delivery.js";
import type {
  ChannelFacts,
  Merchant,
  MerchantKey,
  Reference,
  RouteRule,
} from "../../engine/ports/reference.js";

export class MemoryReference implements Reference {
  readonly merchants = new Map<string, Merchant>([
    ["m1", { merchantId: "m1", name: "One", status: "active", businesses: ["pay", "topup"] }],
  ]);
  rules: readonly RouteRule[] = [];
  facts: readonly ChannelFacts[] = [];
  /** Set: nothing can be confirmed. */
  stale = false;

  async merchant(merchantId: string): Promise<Merchant | undefined> {
    return this.#confirmed(this.merchants.get(merchantId));
  }

  async key(): Promise<MerchantKey | undefined> {
    return this.#confirmed(undefined);
  }

  async webhookSecret(merchantId: string): Promise<string | undefined> {
    return this.#confirmed(this.merchants.has(merchantId) ? "whsec_dGVzdA==" : undefined);
  }

  async routes(): Promise<readonly RouteRule[]> {
    return this.#confirmed(this.rules);
  }

  async channels(): Promise<readonly ChannelFacts[]> {
    return this.#confirmed(this.facts);
  }

  #confirmed<T>(value: T): T {
    if (this.stale) throw new ValenceError("reference_stale", "nothing confirmed for too long");
    return value;
  }
}

export class ScriptedWebhooks implements WebhookSender {
  readonly sent: WebhookRequest[] = [];
  /** HTTP status per call, the last one repeats. */
  statuses: readonly number[] = [200];

  async send(request: WebhookRequest): Promise<WebhookAnswer> {
    const status = this.statuses[Math.min(this.sent.length, this.statuses.length - 1)] ?? 200;
    this.sent.push(request);
    return { status, detail: `answer ${status}` };
  }
}
