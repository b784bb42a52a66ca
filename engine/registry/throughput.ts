/**
 * Throughput as people ask for it, made of recorded series: the system, and each module, queue, transaction type and
 * channel, with how much, how fast, how it ended and where the time went. Pure.
 */
import type { Sample, WindowSample } from "../ports/series.js";
import { addTo, type Distribution, type Latency, latencyOf, noDistribution } from "./quantiles.js";
import type { Span } from "./spans.js";
import {
  type Dimension,
  type Fact,
  factsOf,
  type Part,
  parts,
  type SystemShape,
} from "./throughput-facts.js";

/** One thing that is looked at, over the span and in each of its windows. */
export interface ThroughputView {
  readonly name: string;
  /** Runs that ended (system, types), transactions (queues, channels), handlers (modules). */
  readonly count: number;
  readonly perS: number;
  readonly outcomes: Readonly<Record<string, number>>;
  /** Where the time went; what was never measured is absent. */
  readonly latency: Readonly<Partial<Record<Part, Latency>>>;
  readonly parked: number;
  readonly deadLetters: number;
  readonly course: ThroughputCourse;
}

/** One value per window. `null`: nothing was measured. */
export interface ThroughputCourse {
  readonly perS: readonly number[];
  /** Per second, by outcome. */
  readonly outcomes: Readonly<Record<string, readonly number[]>>;
  /** Of one transaction (of one request: `request`), on average. Milliseconds. */
  readonly meanMs: Readonly<Partial<Record<Part, readonly (number | null)[]>>>;
  /** Messages that wait, are delayed or in work; for a module nothing. */
  readonly depth: readonly (number | null)[];
  readonly inFlight: readonly (number | null)[];
}

export interface Throughput {
  /** Begin of the first window, end of the last one, length of each. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly windowS: number;
  readonly system: ThroughputView;
  readonly modules: readonly ThroughputView[];
  readonly queues: readonly ThroughputView[];
  readonly types: readonly ThroughputView[];
  readonly channels: readonly ThroughputView[];
}

export interface RecordedSeries {
  readonly course: readonly WindowSample[];
  readonly totals: readonly Sample[];
}

/** `boundsOf`: upper bounds of a histogram's buckets, in seconds. */
export function throughputOf(
  recorded: RecordedSeries,
  span: Span,
  shape: SystemShape,
  boundsOf: (metric: string) => readonly number[],
): Throughput {
  const windows = Math.round((span.toMs - span.fromMs) / (span.windowS * 1_000));
  const views = new Map<string, ViewBuilder>();
  const viewOf = ({ dimension, name }: Fact): ViewBuilder => {
    const key = `${dimension}\n${name}`;
    let view = views.get(key);
    if (!view) views.set(key, (view = new ViewBuilder(dimension, name, windows, boundsOf)));
    return view;
  };
  viewOf({ dimension: "system", name: "", as: "count" });
  for (const sample of recorded.totals)
    for (const fact of factsOf(sample, shape)) viewOf(fact).add(fact, sample);
  const looks = new Array<number>(windows).fill(0);
  for (const sample of recorded.course) {
    const window = Math.round((sample.atMs - span.fromMs) / (span.windowS * 1_000));
    if (window < 0 || window >= windows) continue;
    if (sample.metric === looksMetric) looks[window] = sample.count;
    for (const fact of factsOf(sample, shape)) viewOf(fact).addAt(window, fact, sample);
  }
  const of = (dimension: Dimension): readonly ThroughputView[] =>
    [...views.values()]
      .filter((view) => view.dimension === dimension)
      .map((view) => view.build(span, looks))
      .sort((a, b) => b.count - a.count || (a.name < b.name ? -1 : 1));
  const [system] = of("system") as [ThroughputView];
  const { fromMs, toMs, windowS } = span;
  return {
    ...{ fromMs, toMs, windowS, system, modules: of("modules"), queues: of("queues") },
    ...{ types: of("types"), channels: of("channels") },
  };
}

/** Counts how often the gauges were looked at: a gauge that is 0 is not recorded, and one nobody looked at is not 0. */
export const looksMetric = "looks";

/** Adds up what is said about one thing. */
class ViewBuilder {
  #count = 0;
  #parked = 0;
  #deadLetters = 0;
  readonly #outcomes = new Map<string, number>();
  readonly #times = new Map<Part, { readonly metric: string; readonly distribution: Distribution }>();
  readonly #counts: number[];
  readonly #outcomeCounts = new Map<string, number[]>();
  readonly #timeSums = new Map<Part, { readonly sums: number[]; readonly counts: number[] }>();
  readonly #depths: number[];
  readonly #inFlight: number[];

  constructor(
    readonly dimension: Dimension,
    private readonly name: string,
    private readonly windows: number,
    private readonly boundsOf: (metric: string) => readonly number[],
  ) {
    this.#counts = this.#zeros();
    this.#depths = this.#zeros();
    this.#inFlight = this.#zeros();
  }

  add({ as, outcome }: Fact, sample: Sample): void {
    const { metric, count } = sample;
    if (outcome !== undefined) this.#outcomes.set(outcome, (this.#outcomes.get(outcome) ?? 0) + count);
    if (as === "count") this.#count += count;
    else if (as === "parked") this.#parked += count;
    else if (as === "deadLetters") this.#deadLetters += count;
    else if (isPart(as)) {
      const known = this.#times.get(as) ?? { metric, distribution: noDistribution() };
      this.#times.set(as, known);
      addTo(known.distribution, sample);
    }
  }

  addAt(window: number, { as, outcome }: Fact, { count, sum }: WindowSample): void {
    const grow = (series: number[], by: number): void => void (series[window] = (series[window] ?? 0) + by);
    if (outcome !== undefined)
      grow(
        kept(this.#outcomeCounts, outcome, () => this.#zeros()),
        count,
      );
    if (as === "count") grow(this.#counts, count);
    else if (as === "depth") grow(this.#depths, sum);
    else if (as === "inFlight") grow(this.#inFlight, sum);
    else if (isPart(as)) {
      const times = kept(this.#timeSums, as, () => ({ sums: this.#zeros(), counts: this.#zeros() }));
      grow(times.sums, sum);
      grow(times.counts, count);
    }
  }

  build({ fromMs, toMs, windowS }: Span, looks: readonly number[]): ThroughputView {
    const perS = (counts: readonly number[]): readonly number[] => counts.map((count) => count / windowS);
    const seen = (sums: readonly number[]): readonly (number | null)[] =>
      sums.map((sum, window) => ((looks[window] ?? 0) > 0 ? sum / (looks[window] as number) : null));
    return {
      name: this.name,
      count: this.#count,
      perS: this.#count / ((toMs - fromMs) / 1_000),
      outcomes: Object.fromEntries(this.#outcomes),
      latency: this.#latency(),
      parked: this.#parked,
      deadLetters: this.#deadLetters,
      course: {
        perS: perS(this.#counts),
        outcomes: Object.fromEntries(
          [...this.#outcomeCounts].map(([outcome, counts]) => [outcome, perS(counts)]),
        ),
        meanMs: this.#means(),
        depth: seen(this.#depths),
        inFlight: seen(this.#inFlight),
      },
    };
  }

  #latency(): ThroughputView["latency"] {
    return Object.fromEntries(
      [...this.#times].flatMap(([part, { metric, distribution }]) => {
        const latency = latencyOf(distribution, this.boundsOf(metric));
        return latency ? [[part, latency] as const] : [];
      }),
    );
  }

  /** Parts of a transaction stand on top of each other, so all of them are divided by the transactions. */
  #means(): ThroughputCourse["meanMs"] {
    const transactions = this.#timeSums.get("queueWait")?.counts;
    return Object.fromEntries(
      [...this.#timeSums].map(([part, { sums, counts }]) => {
        const divisors = part === "request" ? counts : (transactions ?? counts);
        return [part, sums.map((sum, window) => meanMs(sum, divisors[window] ?? 0))];
      }),
    );
  }

  #zeros(): number[] {
    return new Array<number>(this.windows).fill(0);
  }
}

const meanMs = (sumS: number, count: number): number | null =>
  count === 0 ? null : Math.round((sumS / count) * 1e6) / 1e3;

const isPart = (as: Fact["as"]): as is Part => parts.some((part) => part === as);

function kept<Key, Value>(map: Map<Key, Value>, key: Key, create: () => Value): Value {
  const known = map.get(key) ?? create();
  map.set(key, known);
  return known;
}
