/** One phase of load against one contestant: orders leave at a pace, and every one of them is accounted for. */
import { performance } from "node:perf_hooks";
import { setTimeout as pause } from "node:timers/promises";
import { amount, Book } from "./book.js";
import type { Channel } from "./channel.js";
import type { Notification } from "./merchant.js";
import { Orders } from "./orders.js";
import type { LoadReport, Phase } from "./protocol.js";
import { Sender } from "./sender.js";

/** After a refusal, so that a contestant that is overloaded is not asked in a busy loop. */
const refusedPauseMs = 20;
/** For notifications that come a second time. */
const lingerMs = 300;
const preparedMax = 60_000;
/** At an open pace: as many as may be waiting for an answer before orders wait for a connection. */
const openConnections = 256;

export class PhaseRun {
  readonly #orders: Orders;
  readonly #sender: Sender;
  readonly #book: Book;
  #sending = true;

  /** @param prefix of the numbers of its orders, see `Orders` */
  constructor(
    private readonly phase: Phase,
    private readonly channel: Channel,
    prefix: string,
    notifyUrl: string,
  ) {
    const { pace, baseUrl } = phase;
    const url = new URL(baseUrl);
    this.#orders = new Orders(prefix, notifyUrl, url.host);
    this.#sender = new Sender(url, pace.kind === "closed" ? pace.inFlight : openConnections);
    this.#book = new Book((refused) => {
      if (!this.#sending || pace.kind === "open") return;
      if (refused) setTimeout(() => this.#sendNow(), refusedPauseMs);
      else this.#sendNow();
    });
  }

  readonly told = (notification: Notification | undefined): void => {
    if (!notification) return this.#book.refuseNotification();
    const { type, data } = notification;
    const order = this.#orders.numberOf(data.merchantOrderId);
    const right = type === "order.paid" && data.status === "paid" && data.amount === amount;
    this.#book.notify(order ?? -1, performance.now(), right);
  };

  async run(): Promise<LoadReport> {
    const { rampMs, windowMs, drainMsMax, pace, expectedPerSecond } = this.phase;
    this.#orders.prepare(Math.min(preparedMax, Math.ceil((expectedPerSecond * (rampMs + windowMs)) / 1000)));
    this.channel.take();
    const startMs = performance.now();
    const endMs = startMs + rampMs + windowMs;
    this.#book.count(startMs + rampMs, endMs);
    if (pace.kind === "closed") {
      for (let count = 0; count < pace.inFlight; count += 1) this.#sendNow();
      await pause(endMs - performance.now());
    } else await this.#sendAtRate(startMs, endMs, pace.perSecond);
    this.#sending = false;
    const drainEndMs = performance.now() + drainMsMax;
    while (this.#book.open > 0 && performance.now() < drainEndMs) await pause(5);
    const elapsedMs = performance.now() - startMs;
    await pause(lingerMs);
    this.#sender.close();
    return this.#book.report(this.channel.take(), elapsedMs);
  }

  /** Latency counts from when an order was due: a generator that falls behind does not flatter anybody. */
  async #sendAtRate(startMs: number, endMs: number, perSecond: number): Promise<void> {
    let dueMs = startMs;
    while (dueMs < endMs) {
      for (const nowMs = performance.now(); dueMs <= nowMs && dueMs < endMs; dueMs += 1000 / perSecond)
        this.#send(dueMs);
      await pause(1);
    }
  }

  #sendNow(): void {
    if (this.#sending) this.#send(performance.now());
  }

  #send(atMs: number): void {
    const number = this.#book.send(atMs);
    this.#sender.send(
      this.#orders.request(number),
      () => this.#book.accept(number),
      (kind) => this.#book.refuse(number, kind),
    );
  }
}
