/** A merchant's endpoint: it records what it is told and does not always say so. */
import { type Clock, sleep } from "../../engine/ports/clock.js";
import type { WebhookAnswer, WebhookRequest } from "../../engine/ports/delivery.js";
import type { Climate } from "./climate.js";
import type { Counts } from "./counts.js";
import { Stream } from "./streams.js";

export interface Told {
  readonly webhookId: string;
  readonly type: string;
  readonly orderId: string;
  /** What it is about, when it is about a refund. */
  readonly refundId: string | undefined;
  /** It was answered with 2xx. */
  readonly confirmed: boolean;
}

interface Data {
  readonly orderId: string;
  readonly refundId?: string;
}

export class Merchant {
  readonly told: Told[] = [];
  readonly attempts = new Map<string, number>();
  fair = false;
  readonly #chance: Stream;

  constructor(
    private readonly climate: Climate,
    private readonly counts: Counts,
  ) {
    this.#chance = new Stream(climate.seed, "merchant");
  }

  async receive(request: WebhookRequest, clock: Clock): Promise<WebhookAnswer> {
    const { webhookId } = request;
    this.attempts.set(webhookId, (this.attempts.get(webhookId) ?? 0) + 1);
    await sleep(clock, this.#chance.between(1, 80));
    const fails = !this.fair && this.#chance.chance(this.climate.webhookFails);
    const heard = !fails || this.#chance.chance(0.5);
    const { type, data } = JSON.parse(request.body) as { type: string; data: Data };
    if (heard)
      this.told.push({ webhookId, type, orderId: data.orderId, refundId: data.refundId, confirmed: !fails });
    if (!fails) return { status: 200, detail: "ok" };
    this.counts.add("webhook failed");
    return this.#chance.chance(0.5) ? { status: 500, detail: "error" } : { status: 0, detail: "no answer" };
  }
}
