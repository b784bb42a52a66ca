/** One consumer's permits: how many deliveries of a set of queues this process works on at a time. */
import type { Consumer, Delivery, Handler, Held } from "../../../engine/ports/bus.js";
import type { Clock } from "../../../engine/ports/clock.js";
import { sleep } from "../../../engine/ports/clock.js";

export class Subscription implements Consumer {
  readonly #working = new Map<string, Delivery>();
  #reserved = 0;
  #paused = false;
  #stopped = false;
  /** Stopped, and past its deadline: what still comes goes back. */
  #handedBack = false;

  constructor(
    readonly queues: () => readonly string[],
    private readonly concurrency: number,
    private readonly handler: Handler,
    private readonly clock: Clock,
    /** Called whenever room appears. */
    private readonly roomFreed: () => void,
    /** Gives deliveries back that were not finished in time. */
    private readonly handBack: (deliveries: readonly Delivery[]) => Promise<void>,
  ) {}

  get inFlight(): number {
    return this.#working.size + this.#reserved;
  }

  /** It may take work, now or when it has room again. A paused or stopped one leaves it to other processes. */
  get serving(): boolean {
    return !this.#paused && !this.#stopped;
  }

  /** How many more deliveries may start now. */
  get room(): number {
    return this.serving ? Math.max(0, this.concurrency - this.inFlight) : 0;
  }

  get held(): readonly Delivery[] {
    return [...this.#working.values()];
  }

  reserve(): boolean {
    if (this.room === 0) return false;
    this.#reserved++;
    return true;
  }

  unreserve(): void {
    const wasFull = this.room === 0;
    this.#reserved--;
    this.#freed(wasFull);
  }

  #freed(wasFull: boolean): void {
    // Only a full consumer has left work behind; otherwise the last fetch took all there was.
    if (wasFull) this.roomFreed();
  }

  /** Starts work on a delivery; `reserved` when a permit was taken for it before. */
  start(delivery: Delivery, reserved: boolean): void {
    if (reserved) this.#reserved--;
    if (this.#handedBack) return void this.handBack([delivery]).catch(() => undefined);
    const key = keyOf(delivery);
    this.#working.set(key, delivery);
    // Handlers settle their own failures; whatever still escapes leaves the message to its lease.
    void this.#handle(delivery)
      .catch(() => undefined)
      .finally(() => {
        // Unless it has moved, perhaps to this same consumer.
        if (this.#working.get(key) === delivery) this.leave(delivery);
      });
  }

  /** The delivery is done with, or moves to a consumer. */
  leave(held: Held): void {
    const key = keyOf(held);
    if (!this.#working.has(key)) return;
    const wasFull = this.room === 0;
    this.#working.delete(key);
    this.#freed(wasFull);
  }

  /** It takes no room: nothing is left to be done. */
  note(delivery: Delivery): void {
    void this.#handle({ ...delivery, rest: Promise.resolve() }).catch(() => undefined);
  }

  /** A handler that throws before its first await harms nobody else either. */
  async #handle(delivery: Delivery): Promise<void> {
    await this.handler(delivery);
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.roomFreed();
  }

  async stop(deadlineMs: number): Promise<void> {
    this.#stopped = true;
    const giveUpAtMs = this.clock.monotonicMs() + deadlineMs;
    while (this.inFlight > 0 && this.clock.monotonicMs() < giveUpAtMs) await sleep(this.clock, 10);
    this.#handedBack = true;
    await this.handBack(this.held);
  }
}

const keyOf = ({ messageId, token }: Held): string => `${messageId} ${token}`;
