/** A sliding window of counters: ten slices, the oldest of which is dropped as time goes on. Constant cost per event. */
import type { Clock } from "../../engine/ports/clock.js";

const sliceCount = 10;

export class SlidingWindow<Slice> {
  #slices: { readonly number: number; readonly slice: Slice }[] = [];
  readonly #sliceMs: number;

  /** @param windowMs covers between nine tenths of it and all of it. */
  constructor(
    private readonly clock: Clock,
    windowMs: number,
    private readonly empty: () => Slice,
  ) {
    this.#sliceMs = windowMs / sliceCount;
  }

  /** The slice of this moment, to count in. */
  now(): Slice {
    const number = this.#number();
    const last = this.#slices.at(-1);
    if (last?.number === number) return last.slice;
    const slice = this.empty();
    this.#slices = [...this.#slices.filter((each) => each.number > number - sliceCount), { number, slice }];
    return slice;
  }

  slices(): readonly Slice[] {
    const number = this.#number();
    return this.#slices.filter((each) => each.number > number - sliceCount).map(({ slice }) => slice);
  }

  reset(): void {
    this.#slices = [];
  }

  #number(): number {
    return Math.floor(this.clock.monotonicMs() / this.#sliceMs);
  }
}
