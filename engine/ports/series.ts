/**
 * Recorded throughput: what the processes of a system have counted, added up in steps, for as long as it is kept. A
 * histogram is kept with its buckets, which add up too, so that a percentile can be read from any span.
 */

/** What one series has counted within a span. */
export interface Sample {
  readonly metric: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Counted or observed; of a gauge: looks that did not find 0. */
  readonly count: number;
  /** Seconds observed; of a gauge: the sum of what was found. */
  readonly sum: number;
  /** Observations by bucket of a histogram, each for itself. */
  readonly buckets?: readonly number[];
}

/** Everything one process has counted within one step. */
export interface SampleSet {
  /** Begin of the step, a multiple of `recordedStepMs`. */
  readonly atMs: number;
  /** UUID of the process, or `systemInstance`. */
  readonly instance: string;
  /** Its modules. */
  readonly service: string;
  readonly host: string;
  readonly samples: readonly Sample[];
}

/** What was counted within the window that begins at `atMs`, by all processes together. */
export interface WindowSample extends Omit<Sample, "buckets"> {
  readonly atMs: number;
}

export interface SeriesSpan {
  /** Length of the steps that are read, seconds: one of those that are kept. */
  readonly stepS: number;
  readonly fromMs: number;
  /** Exclusive. */
  readonly toMs: number;
}

export interface SeriesStore {
  /** Nothing of a set whose step this process has written already. @throws BatchError */
  add(set: SampleSet): Promise<void>;
  /** By windows of `windowS` seconds, a multiple of the span's step; without labels that only tell steps apart. */
  course(span: SeriesSpan, windowS: number): Promise<readonly WindowSample[]>;
  /** The whole span as one. */
  totals(span: SeriesSpan): Promise<readonly Sample[]>;
}

/** Keeps the series small. Any number of processes may call it at the same time, and die in the middle of it. */
export interface SeriesKeeping {
  /** Adds finished steps up to longer ones and removes what has been kept long enough. */
  rollUp(): Promise<void>;
}
