/** What a channel's charges have come to lately: how many, how well, how fast. */
import type { ChannelResult, ChannelStats } from "../../engine/ports/channel.js";
import type { Clock } from "../../engine/ports/clock.js";
import { SlidingWindow } from "./window.js";

/** Latencies are counted in bins whose bounds grow by 2^(1/4): 1 ms, 1.19 ms ... 65 s. */
const binsPerOctave = 4;
const binCount = 65;

const binOf = (elapsedMs: number): number =>
  Math.min(binCount - 1, Math.max(0, Math.ceil(Math.log2(Math.max(1, elapsedMs)) * binsPerOctave)));
const upperMs = (bin: number): number => 2 ** (bin / binsPerOctave);

interface Slice {
  calls: number;
  good: number;
  readonly bins: Uint32Array;
}

export class ChargeStats {
  readonly #window: SlidingWindow<Slice>;

  constructor(
    private readonly clock: Clock,
    windowMs: number,
  ) {
    this.#window = new SlidingWindow(clock, windowMs, () => ({
      calls: 0,
      good: 0,
      bins: new Uint32Array(binCount),
    }));
  }

  /** @param startedAtMs monotonic. */
  ended(result: ChannelResult, startedAtMs: number): void {
    const slice = this.#window.now();
    const bin = binOf(this.clock.monotonicMs() - startedAtMs);
    slice.calls += 1;
    if (result === "approved" || result === "pending") slice.good += 1;
    slice.bins[bin] = (slice.bins[bin] ?? 0) + 1;
  }

  read(inFlight: number): ChannelStats {
    const slices = this.#window.slices();
    const calls = slices.reduce((sum, slice) => sum + slice.calls, 0);
    const good = slices.reduce((sum, slice) => sum + slice.good, 0);
    const quantileMs = (share: number): number => {
      let left = Math.ceil(calls * share);
      for (let bin = 0; bin < binCount && left > 0; bin += 1) {
        left -= slices.reduce((sum, { bins }) => sum + (bins[bin] ?? 0), 0);
        if (left <= 0) return Math.round(upperMs(bin));
      }
      return 0;
    };
    const successRatio = calls === 0 ? 1 : good / calls;
    return { calls, successRatio, p50Ms: quantileMs(0.5), p95Ms: quantileMs(0.95), inFlight };
  }
}
