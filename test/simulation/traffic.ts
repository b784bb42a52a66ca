/** Merchants who order, order again when they hear nothing, and institutions that call back. */
import { deriveId } from "../../engine/ids.js";
import type { VirtualClock } from "../../adapters/memory/clock.js";
import type { Row } from "../../engine/ports/store.js";
import { startMessage } from "../../engine/runtime/message.js";
import type { Climate } from "./climate.js";
import type { Counts } from "./counts.js";
import type { Process } from "./process.js";
import { Stream } from "./streams.js";

export interface Order {
  readonly orderId: string;
  readonly amount: number;
  readonly notified: boolean;
  readonly poison: boolean;
  readonly fields: Row;
  /** Runs that the bridge has said yes to. */
  readonly runs: string[];
  /** How many refunds are asked for once it is paid. */
  readonly refundsMax: number;
}

/** What is asked for, by weight: a transaction type of the product and what a merchant sends with it. */
const kinds = { pay: 9, topup: 1 } as const;

/** A bridge that says nothing for so long is asked again, under the same reference. */
const patienceMs = 5_000;
const callbackTriesMax = 6;

export interface TrafficOptions {
  readonly climate: Climate;
  readonly clock: VirtualClock;
  readonly counts: Counts;
  readonly channels: readonly string[];
  readonly newId: () => string;
  /** A process that answers as a bridge, if there is one. */
  readonly bridge: () => Process | undefined;
}

export class Traffic {
  readonly orders = new Map<string, Order>();
  /** Submissions that nobody has said yes to. */
  open = 0;
  readonly #chance: Stream;

  constructor(private readonly options: TrafficOptions) {
    this.#chance = new Stream(options.climate.seed, "traffic");
  }

  start(): void {
    const { climate, clock } = this.options;
    for (let n = 0; n < climate.orders; n++) {
      const order = this.#order(n);
      this.orders.set(order.orderId, order);
      const times = this.#chance.chance(climate.submittedTwice) ? this.#chance.between(2, 3) : 1;
      let atMs = this.#chance.below(climate.troubleMs);
      for (let time = 0; time < times; time++) {
        this.open++;
        clock.after(atMs, () => void this.#submit(order));
        // Most repetitions come at once, some after everything is decided.
        atMs += this.#chance.pick([0, 0, 5, 100, 30_000]);
      }
      if (this.#chance.chance(climate.closed)) this.#closeLater(order, atMs);
      // Too early as often as not.
      if (order.refundsMax > 0 && this.#chance.chance(0.2)) this.#refundLater(order, 0, atMs);
    }
  }

  #order(n: number): Order {
    const chance = this.#chance;
    const merchantId = `m${chance.between(1, 4)}`;
    const merchantOrderId = `A-${n}`;
    const amount = chance.between(1, 100_000);
    const notified = chance.chance(0.8);
    const type = chance.weighted(kinds);
    return {
      orderId: deriveId("order", merchantId, merchantOrderId),
      ...{ amount, notified, poison: chance.chance(this.options.climate.poison) },
      fields: {
        ...{ type, merchantId, merchantOrderId, amount, subject: "tea" },
        currency: chance.pick(["CNY", "EUR"]),
        ...(chance.chance(0.5) ? { method: chance.pick(["card", "qr"]) } : {}),
        ...(chance.chance(0.1) ? { channel: chance.pick(this.options.channels) } : {}),
        ...(chance.chance(this.options.climate.expiring)
          ? { expiresInSeconds: chance.pick([60, 61, 75]) }
          : {}),
        ...(notified ? { notifyUrl: "https://merchant.example/hook" } : {}),
      },
      runs: [],
      refundsMax: chance.chance(this.options.climate.refunded) ? chance.between(1, 4) : 0,
    };
  }

  async #submit(order: Order): Promise<void> {
    for (;;) {
      const runId = await this.#publish(order.fields, order.orderId);
      if (runId !== undefined) {
        order.runs.push(runId);
        break;
      }
      this.options.counts.add("submission repeated");
      await this.#pause(this.#chance.between(100, 2_000));
    }
    this.open--;
  }

  /** While it is being charged, while it waits, or long after it was decided. */
  #closeLater({ orderId, fields }: Order, atMs: number): void {
    const chance = this.#chance;
    const { merchantId } = fields;
    this.#ask({ type: "close", merchantId }, orderId, atMs + chance.pick([20, 300, 3_000, 20_000]));
  }

  /** Its merchant wants money back: at once or later, in parts, too much of it, and the same refund once more. */
  paid(orderId: string): void {
    const order = this.orders.get(orderId);
    const many = order ? order.refundsMax : 0;
    for (let n = 1; n <= many; n++)
      this.#refundLater(order!, n, this.#chance.pick([1, 1, 1, 100, 5_000, 60_000]));
  }

  #refundLater({ orderId, amount, fields }: Order, n: number, atMs: number): void {
    const chance = this.#chance;
    const part = chance.pick([amount, Math.ceil(amount / 2), chance.between(1, amount)]);
    const { merchantId, merchantOrderId } = fields;
    const merchantRefundId = `R-${String(merchantOrderId)}-${n}`;
    const refund = { type: "refund", merchantId, merchantRefundId, amount: part };
    this.#ask(refund, orderId, atMs);
    if (!chance.chance(this.options.climate.submittedTwice)) return;
    const again = chance.chance(0.1) ? { ...refund, amount: chance.between(1, amount) } : refund;
    this.#ask(again, orderId, atMs + chance.pick([0, 0, 5, 100, 30_000]));
  }

  /** Until somebody says yes. */
  #ask(fields: Row, orderId: string, inMs: number): void {
    const ask = async (): Promise<void> => {
      while ((await this.#publish(fields, orderId)) === undefined) await this.#pause(500);
      this.options.counts.add(String(fields["type"]));
      this.open--;
    };
    this.open++;
    this.options.clock.after(inMs, () => void ask());
  }

  readonly callBack = async (channel: string, paymentId: string, certain = false): Promise<void> => {
    const callbackBody = Buffer.from(paymentId).toString("base64");
    const fields = { type: "channel.callback", channel, callbackHeaders: {}, callbackBody };
    if (certain) this.open++;
    for (let tries = 0; certain || tries < callbackTriesMax; tries++) {
      if ((await this.#publish(fields)) !== undefined) break;
      await this.#pause(2_000 * 2 ** Math.min(tries, callbackTriesMax));
    }
    if (certain) this.open--;
  };

  /** The id of the run; undefined when nobody said that it would be kept. */
  async #publish(fields: Row, orderId?: string): Promise<string | undefined> {
    const { bridge, clock, newId } = this.options;
    const process = bridge();
    const type = String(fields["type"]);
    const active = process?.catalogue.type(type);
    if (!process || !active) return undefined;
    const runId = newId();
    const body = { ...fields, ...active.set, type, ...(orderId === undefined ? {} : { orderId }) };
    const run = { runId, type, acceptedAtMs: clock.nowMs(), fields: body };
    const message = startMessage(active.plan, run, { replyTo: process.instance, correlationId: runId });
    const said = process.bus.publish([message]).then(
      () => runId,
      () => undefined,
    );
    return Promise.race([said, this.#pause(patienceMs)]);
  }

  #pause(delayMs: number): Promise<undefined> {
    return new Promise((resolve) => void this.options.clock.after(delayMs, () => resolve(undefined)));
  }
}
