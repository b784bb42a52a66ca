/**
 * A histogram that costs what it counts: prom-client validates and hashes the labels of every single observation, which
 * is more than most of what is measured here. It is one metric of a prom-client registry all the same.
 */
import type { Metric, MetricValueWithName } from "prom-client";
import type { SeriesGrowth } from "./growth.js";
import { type Labels, SeriesMap } from "./series.js";

interface Distribution {
  readonly labels: Labels;
  /** Observations by bucket, one more for what lies above the last bound. */
  readonly counts: number[];
  sum: number;
  /** Counts and sum as they were when `grown` was last called. */
  recorded: { readonly counts: readonly number[]; readonly sum: number };
}

export interface ObservationsOptions {
  readonly name: string;
  readonly help: string;
  readonly labels: readonly string[];
  /** Upper bounds, ascending. */
  readonly buckets: readonly number[];
}

interface Exported {
  readonly name: string;
  readonly help: string;
  readonly type: "histogram";
  readonly aggregator: "sum";
  readonly values: readonly MetricValueWithName<string>[];
}

export class Observations {
  readonly #series: SeriesMap<Distribution>;
  readonly name: string;
  readonly help: string;

  /** @param check called once for each new series, before it is counted */
  constructor(
    private readonly options: ObservationsOptions,
    check: (labels: Labels) => void,
  ) {
    this.name = options.name;
    this.help = options.help;
    this.#series = new SeriesMap(options.labels, (labels) => {
      check(labels);
      const counts = new Array<number>(options.buckets.length + 1).fill(0);
      return { labels, counts, sum: 0, recorded: { counts: [...counts], sum: 0 } };
    });
    // Without labels there is one series, and it is there from the start.
    if (options.labels.length === 0) this.#series.of({});
  }

  /** @param value NaN counts nowhere */
  observe(labels: Labels, value: number): void {
    if (Number.isNaN(value)) return;
    const series = this.#series.of(labels);
    const { buckets } = this.options;
    let bucket = 0;
    while (bucket < buckets.length && value > (buckets[bucket] as number)) bucket++;
    (series.counts[bucket] as number) += 1;
    series.sum += value;
  }

  /** Series that have grown since this was last called. */
  grown(): readonly SeriesGrowth[] {
    const growth: SeriesGrowth[] = [];
    for (const series of this.#series.all()) {
      const { labels, counts, recorded } = series;
      const buckets = counts.map((count, bucket) => count - (recorded.counts[bucket] ?? 0));
      const count = buckets.reduce((sum, each) => sum + each, 0);
      if (count === 0) continue;
      growth.push({ labels, count, sum: series.sum - recorded.sum, buckets });
      series.recorded = { counts: [...counts], sum: series.sum };
    }
    return growth;
  }

  /** What a registry asks a metric for. */
  get(): Promise<Exported> {
    const values = [...this.#series.all()].flatMap((series) => this.#exported(series));
    return Promise.resolve({
      name: this.name,
      help: this.help,
      type: "histogram",
      aggregator: "sum",
      values,
    });
  }

  /** For a registry: it calls `get` and looks at the name, whatever class it is given. */
  asMetric(): Metric {
    return this as unknown as Metric;
  }

  /** Prometheus counts in each bucket what lies in those below it, too. */
  #exported({ labels, counts, sum }: Distribution): readonly MetricValueWithName<string>[] {
    const { name, buckets } = this.options;
    let total = 0;
    const cumulated = counts.map((count, bucket) => ({
      metricName: `${name}_bucket`,
      labels: { ...labels, le: bucket < buckets.length ? (buckets[bucket] as number) : "+Inf" },
      value: (total += count),
    }));
    return [
      ...cumulated,
      { metricName: `${name}_sum`, labels, value: sum },
      { metricName: `${name}_count`, labels, value: total },
    ];
  }
}
