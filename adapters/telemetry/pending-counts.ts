/** Counts between two scrapes, which prom-client hears of when it is asked. */
import type { Counter } from "prom-client";
import { type Labels, SeriesMap } from "./series.js";

interface Count {
  readonly labels: Labels;
  by: number;
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
      return { labels, by: 0 };
    });
  }

  add(labels: Labels, by: number): void {
    this.#series.of(labels).by += by;
  }

  /** Tells the counter what it has not heard of yet. */
  flush(): void {
    for (const series of this.#series.all()) {
      if (series.by > 0) this.counter.inc(series.labels, series.by);
      series.by = 0;
    }
  }
}
