/**
 * Counts that prom-client hears of when it is scraped, and whoever records throughput when it asks. Both read the same
 * total at their own pace, so that counting costs one addition.
 */
import type { Counter } from "prom-client";
import type { SeriesGrowth } from "./growth.js";
import { type Labels, SeriesMap } from "./series.js";

interface Count {
  readonly labels: Labels;
  total: number;
  /** Of the total: what prom-client has heard of. */
  scraped: number;
  /** Of the total: what `grown` has given away. */
  recorded: number;
}

export class PendingCounts {
  readonly #series: SeriesMap<Count>;

  /** @param check called once for each new series, before it is counted */
  constructor(
    private readonly counter: Counter,
    names: readonly string[],
    check: (labels: Labels) => void,
  ) {
    this.#series = new SeriesMap(names, (labels) => {
      check(labels);
      return { labels, total: 0, scraped: 0, recorded: 0 };
    });
  }

  add(labels: Labels, by: number): void {
    this.#series.of(labels).total += by;
  }

  /** Tells the counter what it has not heard of yet. */
  flush(): void {
    for (const series of this.#series.all()) {
      if (series.total > series.scraped) this.counter.inc(series.labels, series.total - series.scraped);
      series.scraped = series.total;
    }
  }

  /** Series that have grown since this was last called. */
  grown(): readonly SeriesGrowth[] {
    const growth: SeriesGrowth[] = [];
    for (const series of this.#series.all()) {
      const count = series.total - series.recorded;
      if (count <= 0) continue;
      series.recorded = series.total;
      growth.push({ labels: series.labels, count, sum: 0 });
    }
    return growth;
  }
}
