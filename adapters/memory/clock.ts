/** Time that stands still until a test moves it, and chance that a seed decides. */
import type { Clock, Random } from "../../engine/ports/clock.js";
import { Heap } from "./heap.js";

interface Alarm {
  readonly dueMs: number;
  /** Alarms for the same moment ring in the order in which they were set. */
  readonly seq: number;
  callback: (() => void) | undefined;
}

export class VirtualClock implements Clock {
  readonly #alarms = new Heap<Alarm>((a, b) => a.dueMs < b.dueMs || (a.dueMs === b.dueMs && a.seq < b.seq));
  #elapsedMs = 0;
  #seq = 0;

  constructor(private readonly startMs: number) {}

  nowMs(): number {
    return this.startMs + this.#elapsedMs;
  }

  monotonicMs(): number {
    return this.#elapsedMs;
  }

  after(delayMs: number, callback: () => void): () => void {
    const alarm: Alarm = { dueMs: this.#elapsedMs + Math.max(0, delayMs), seq: this.#seq++, callback };
    this.#alarms.push(alarm);
    return () => (alarm.callback = undefined);
  }

  /** Epoch milliseconds of the next alarm. */
  get nextMs(): number | undefined {
    while (this.#alarms.least && !this.#alarms.least.callback) this.#alarms.pop();
    return this.#alarms.least && this.startMs + this.#alarms.least.dueMs;
  }

  /** Moves time forward and rings what is due, earliest first; what is set meanwhile rings the next time. */
  moveTo(nowMs: number): void {
    this.#elapsedMs = Math.max(this.#elapsedMs, nowMs - this.startMs);
    const setBefore = this.#seq;
    const later: Alarm[] = [];
    for (
      let alarm = this.#alarms.least;
      alarm && alarm.dueMs <= this.#elapsedMs;
      alarm = this.#alarms.least
    ) {
      this.#alarms.pop();
      // An earlier alarm may have cancelled this one.
      if (alarm.seq >= setBefore) later.push(alarm);
      else alarm.callback?.();
    }
    for (const alarm of later) this.#alarms.push(alarm);
  }
}

/** UUIDv7 of the virtual time and a counter; fractions of a linear congruential generator. */
export class SeededRandom implements Random {
  #state: number;
  #count = 0;

  constructor(
    private readonly clock: Clock,
    seed = 1,
  ) {
    this.#state = seed >>> 0;
  }

  id(): string {
    const time = this.clock.nowMs().toString(16).padStart(12, "0");
    const tail = (++this.#count).toString(16).padStart(12, "0");
    const spread = Math.floor(this.fraction() * 0xfff)
      .toString(16)
      .padStart(3, "0");
    return `${time.slice(0, 8)}-${time.slice(8)}-7${spread}-8000-${tail}`;
  }

  fraction(): number {
    this.#state = (Math.imul(this.#state, 1_664_525) + 1_013_904_223) >>> 0;
    return this.#state / 2 ** 32;
  }
}

/** Lets everything that only waits for promises go as far as it can. */
export const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
