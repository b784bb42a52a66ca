/** Counts between two scrapes: a payment is counted dozens of times, and finding a series must not cost more than that. */
import type { Counter } from "prom-client";

type Labels = Readonly<Record<string, string>>;

interface Series {
  readonly labels: Labels;
  by: number;
}

export class PendingCounts {
  /** By the values of their labels, in the order they are declared. */
  readonly #series = new Map<string, Series>();

  /** @param check called once for each new series, before it is counted */
  constructor(
    private readonly counter: Counter,
    private readonly names: readonly string[],
    private readonly check: (labels: Labels) => void,
  ) {}

  add(labels: Labels, by: number): void {
    let key = "";
    for (const name of this.names) key += `${labels[name] ?? ""}\n`;
    const known = this.#series.get(key);
    if (known) known.by += by;
    else {
      this.check(labels);
      this.#series.set(key, { labels: { ...labels }, by });
    }
  }

  /** Tells the counter what it has not heard of yet. */
  flush(): void {
    for (const series of this.#series.values()) {
      if (series.by > 0) this.counter.inc(series.labels, series.by);
      series.by = 0;
    }
  }
}
