/** Orders for one channel at a fixed pace, whatever becomes of them: an open loop, as merchants are. */
import type { Client } from "../client.js";
import { type Answer } from "../client.js";

/** One order, as its merchant saw it. Times are monotonic milliseconds. */
export interface Sample {
  readonly sentAtMs: number;
  readonly answeredAtMs: number;
  /** HTTP status and what it said: `201 paid`, `202 processing`, `422 no_route`, `lost` without any answer. */
  readonly said: string;
}

export class OrderStream {
  readonly samples: Sample[] = [];
  readonly #waiting = new Set<Promise<void>>();
  readonly #startedAtMs = performance.now();
  #sent = 0;
  #timer: NodeJS.Timeout | undefined;

  /** `offsetMs` from now to the first order: streams side by side must not send in step. */
  constructor(
    private readonly client: Client,
    private readonly channel: string,
    private readonly perSecond: number,
    private readonly offsetMs: number,
  ) {
    this.#next();
  }

  /** Sends no more; resolves when the last order is answered. */
  async stop(): Promise<void> {
    clearTimeout(this.#timer);
    await Promise.all(this.#waiting);
  }

  #next(): void {
    // By the schedule, not by the last order: a late timer is made up for.
    const dueMs = this.#startedAtMs + this.offsetMs + (this.#sent * 1000) / this.perSecond;
    this.#timer = setTimeout(
      () => {
        const order = this.#order(this.#sent++);
        this.#waiting.add(order);
        void order.then(() => this.#waiting.delete(order));
        this.#next();
      },
      Math.max(0, dueMs - performance.now()),
    );
  }

  async #order(count: number): Promise<void> {
    const { channel } = this;
    const merchantOrderId = `${channel}-${count}`;
    const body = { merchantOrderId, channel, amount: 100, currency: "CNY", subject: "bulkhead" };
    const sentAtMs = performance.now();
    const said = await this.client.post("/v1/orders", body).then(saidBy, () => "lost");
    this.samples.push({ sentAtMs, answeredAtMs: performance.now(), said });
  }
}

const saidBy = ({ status, body }: Answer): string => `${status} ${String(body["code"] ?? body["status"])}`;
