/** Time that stands still until a test moves it, and chance that a seed decides. */
import type { Clock, Random } from "../../../engine/ports/clock.js";

interface Alarm {
  readonly dueMs: number;
  readonly callback: () => void;
}

export class VirtualClock implements Clock {
  readonly #alarms = new Set<Alarm>();
  #elapsedMs = 0;

  constructor(private readonly startMs: number) {}

  nowMs(): number {
    return this.startMs + this.#elapsedMs;
  }

  monotonicMs(): number {
    return this.#elapsedMs;
  }

  after(delayMs: number, callback: () => void): () => void {
    const alarm = { dueMs: this.#elapsedMs + Math.max(0, delayMs), callback };
    this.#alarms.add(alarm);
    return () => void this.#alarms.delete(alarm);
  }

  /** Epoch milliseconds of the next alarm. */
  get nextMs(): number | undefined {
    const due = [...this.#alarms].map(({ dueMs }) => dueMs);
    return due.length === 0 ? undefined : this.startMs + Math.min(...due);
  }

  /** Moves time forward and rings what is due, earliest first. */
  moveTo(nowMs: number): void {
    this.#elapsedMs = Math.max(this.#elapsedMs, nowMs - this.startMs);
    const due = [...this.#alarms].filter(({ dueMs }) => dueMs <= this.#elapsedMs);
    for (const alarm of due.sort((a, b) => a.dueMs - b.dueMs)) {
      // An earlier alarm may have cancelled this one.
      if (this.#alarms.delete(alarm)) alarm.callback();
    }
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
