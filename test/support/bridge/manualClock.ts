/** A clock that stands still until it is told to go on. */
import type { Clock } from "../../../engine/ports/clock.js";

interface Timer {
  readonly dueMs: number;
  readonly callback: () => void;
}

export class ManualClock implements Clock {
  private readonly timers = new Set<Timer>();
  private elapsedMs = 0;

  constructor(private readonly startMs: number) {}

  nowMs(): number {
    return this.startMs + this.elapsedMs;
  }

  monotonicMs(): number {
    return this.elapsedMs;
  }

  after(delayMs: number, callback: () => void): () => void {
    const timer = { dueMs: this.elapsedMs + delayMs, callback };
    this.timers.add(timer);
    return () => void this.timers.delete(timer);
  }

  advance(byMs: number): void {
    this.elapsedMs += byMs;
    for (const timer of [...this.timers]) {
      if (timer.dueMs > this.elapsedMs || !this.timers.delete(timer)) continue;
      timer.callback();
    }
  }

  get pending(): number {
    return this.timers.size;
  }
}
