/** What one series has grown by since it was last asked for: what a recorder of throughput stores. */
import type { CounterName, HistogramName } from "../../engine/ports/telemetry.js";
import type { Labels } from "./series.js";

export interface Growth {
  readonly metric: CounterName | HistogramName;
  readonly labels: Labels;
  /** What a counter has counted, or how often was observed. More than 0. */
  readonly count: number;
  /** Seconds, of a histogram; a counter's is 0. */
  readonly sum: number;
  /** Observations by bucket, each for itself, one more for what lies above the last bound; a counter has none. */
  readonly buckets?: readonly number[];
}

/** Growth of a series, before it is told which metric it is of. */
export type SeriesGrowth = Omit<Growth, "metric">;
