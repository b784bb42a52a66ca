/**
 * Every order of one phase, by number. An order is open from sending until it is both answered and notified, or
 * refused. The book says when an order has ended and, at the end, that none was lost and none told twice.
 */
import { percentile } from "../report/percentile.js";
import type { Account, LoadReport } from "./protocol.js";

/** Nothing legitimate is told with another amount. Minor units. */
export const amount = 100;

const sent = 0;
const answered = 1;
const notified = 2;
const over = 3;

export interface ChannelCounts {
  readonly charged: number;
  readonly chargedTwice: number;
  readonly forged: number;
}

export class Book {
  readonly #sentMs: number[] = [];
  /** Bits of `sent`, `answered`, `notified`; `over` when both. */
  readonly #state: number[] = [];
  readonly #refused = new Set<number>();
  readonly #latenciesMs: number[] = [];
  readonly #errors: Record<string, number> = {};
  #accepted = 0;
  #notified = 0;
  #notifiedTwice = 0;
  #wrong = 0;
  #forged = 0;
  #open = 0;
  #window = { fromMs: Infinity, toMs: Infinity };

  /** `ended` runs once for each order, when nothing more is expected of it. */
  constructor(private readonly ended: (refused: boolean) => void) {}

  /** Orders that have not ended. */
  get open(): number {
    return this.#open;
  }

  /** Notifications that arrive in it count for rate and latency. */
  count(fromMs: number, toMs: number): void {
    this.#window = { fromMs, toMs };
  }

  /** The number of an order that leaves now, or that was due at `nowMs`. */
  send(nowMs: number): number {
    this.#open += 1;
    this.#state.push(sent);
    return this.#sentMs.push(nowMs) - 1;
  }

  accept(order: number): void {
    this.#accepted += 1;
    this.#advance(order, answered);
  }

  /** Answered with anything but 2xx, or not at all. */
  refuse(order: number, kind: string): void {
    this.#errors[kind] = (this.#errors[kind] ?? 0) + 1;
    this.#refused.add(order);
    this.#end(true);
  }

  notify(order: number, nowMs: number, right: boolean): void {
    const state = this.#state[order];
    const sentMs = this.#sentMs[order];
    if (state === undefined || sentMs === undefined || !right) {
      this.#wrong += 1;
      return;
    }
    if ((state & notified) !== 0) {
      this.#notifiedTwice += 1;
      return;
    }
    this.#notified += 1;
    if (nowMs >= this.#window.fromMs && nowMs < this.#window.toMs) this.#latenciesMs.push(nowMs - sentMs);
    this.#advance(order, notified);
  }

  /** A notification that nobody vouches for. */
  refuseNotification(): void {
    this.#forged += 1;
  }

  report(channel: ChannelCounts, elapsedMs: number): LoadReport {
    const sorted = Float64Array.from(this.#latenciesMs).sort();
    const { fromMs, toMs } = this.#window;
    return {
      paymentsPerSecond: sorted.length / ((toMs - fromMs) / 1000),
      p50Ms: percentile(sorted, 0.5),
      p99Ms: percentile(sorted, 0.99),
      maxMs: sorted[sorted.length - 1] ?? Number.NaN,
      elapsedMs,
      account: this.#account(channel),
      errors: this.#errors,
    };
  }

  #account({ charged, chargedTwice, forged }: ChannelCounts): Account {
    const left = (state: number): number =>
      this.#state.filter((each, order) => each === state && !this.#refused.has(order)).length;
    return {
      sent: this.#sentMs.length,
      accepted: this.#accepted,
      notified: this.#notified,
      charged,
      missing: left(answered),
      notifiedTwice: this.#notifiedTwice,
      chargedTwice,
      wrong: this.#wrong,
      forged: this.#forged + forged,
      unanswered: left(sent) + left(notified),
    };
  }

  #advance(order: number, what: number): void {
    const state = (this.#state[order] ?? sent) | what;
    this.#state[order] = state;
    if (state === over && !this.#refused.has(order)) this.#end(false);
  }

  #end(refused: boolean): void {
    this.#open -= 1;
    this.ended(refused);
  }
}
