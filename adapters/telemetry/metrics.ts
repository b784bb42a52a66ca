/** The metrics of one process on prom-client, in a registry of their own. */
import { collectDefaultMetrics, Counter, Gauge, Registry } from "prom-client";
import { invariant } from "../../engine/limits.js";
import type { CounterName, GaugeName, HistogramName, Telemetry } from "../../engine/ports/telemetry.js";
import { counters, gauges, histograms, type MetricSpec } from "./catalogue.js";
import type { Growth } from "./growth.js";
import { Observations } from "./observations.js";
import { PendingCounts } from "./pending-counts.js";
import type { Labels } from "./series.js";

export interface Metrics extends Pick<Telemetry, "count" | "observe" | "gauge"> {
  /** Sets a gauge as a whole: series that are not among these are gone. */
  replace(metric: GaugeName, series: readonly Series[]): void;
  /**
   * What these metrics have grown by since this was last called. For one reader: what it was given is not given again,
   * whatever becomes of it. Scrapes do not notice.
   */
  grown(metrics: readonly (CounterName | HistogramName)[]): readonly Growth[];
  /** Asked before every answer of `/metrics`; never rejects. */
  beforeScrape(collect: () => Promise<void>): void;
  /** What `/metrics` answers. */
  metricsText(): Promise<string>;
  /** Its Content-Type. */
  readonly metricsContentType: string;
}

export interface Series {
  readonly labels: Labels;
  readonly value: number;
}

/** A label that is missing or unknown is a mistake in the code: it would split or merge series unseen. */
function check(name: string, { labels: wanted }: MetricSpec, labels: Labels): void {
  const fits =
    Object.keys(labels).length === wanted.length && wanted.every((label) => labels[label] !== undefined);
  invariant(fits, `${name} takes the labels [${wanted.join(", ")}], not [${Object.keys(labels).join(", ")}]`);
}

/** A metric object for every entry of a table. */
function registered<Name extends string, Spec extends MetricSpec, Metric>(
  specs: Readonly<Record<Name, Spec>>,
  create: (name: Name, spec: Spec) => Metric,
): Readonly<Record<Name, Metric>> {
  const entries = Object.entries(specs) as [Name, Spec][];
  return Object.fromEntries(entries.map(([name, spec]) => [name, create(name, spec)])) as Record<
    Name,
    Metric
  >;
}

/** `common` labels (service, instance) stand on every series. */
export function createMetrics(common: Labels): Metrics {
  const registry = new Registry();
  registry.setDefaultLabels(common);
  collectDefaultMetrics({ register: registry });
  // They list every handle of the process, and Node 20 aborts when it lists the port of a thread that has just ended.
  // `nodejs_active_resources` counts the same without touching them.
  for (const name of ["nodejs_active_handles", "nodejs_active_handles_total"])
    registry.removeSingleMetric(name);
  const configuration = (name: string, { help, labels }: MetricSpec) => ({
    name,
    help,
    labelNames: [...labels],
    registers: [registry],
  });
  const counterOf = registered(counters, (name, spec) => {
    const counter = new Counter(configuration(name, spec));
    return new PendingCounts(counter, spec.labels, (labels) => {
      check(name, spec, labels);
    });
  });
  const gaugeOf = registered(gauges, (name, spec) => new Gauge(configuration(name, spec)));
  const histogramOf = registered(histograms, (name, spec) => {
    const histogram = new Observations({ name, ...spec }, (labels) => {
      check(name, spec, labels);
    });
    registry.registerMetric(histogram.asMetric());
    return histogram;
  });
  // What nobody has collected here is not 0. (A gauge without labels is shown as that from the start.)
  for (const [name, { labels, system }] of Object.entries<MetricSpec>(gauges))
    if (system && labels.length === 0) gaugeOf[name as GaugeName].remove();
  const growing = { ...counterOf, ...histogramOf };
  const collectors: (() => Promise<void>)[] = [];
  const gauge: Telemetry["gauge"] = (metric, labels, value) => {
    check(metric, gauges[metric], labels);
    gaugeOf[metric].set(labels, value);
  };
  return {
    gauge,
    count(metric, labels, by = 1) {
      counterOf[metric].add(labels, by);
    },
    observe(metric, labels, seconds) {
      histogramOf[metric].observe(labels, seconds);
    },
    replace(metric, series) {
      gaugeOf[metric].reset();
      // A gauge without labels shows 0 after a reset, which nobody measured.
      if (gauges[metric].labels.length === 0) gaugeOf[metric].remove();
      for (const { labels, value } of series) gauge(metric, labels, value);
    },
    grown: (metrics) =>
      metrics.flatMap((metric) => growing[metric].grown().map((growth) => ({ metric, ...growth }))),
    beforeScrape(collect) {
      collectors.push(collect);
    },
    metricsText: async () => {
      await Promise.all(collectors.map((collect) => collect()));
      for (const pending of Object.values(counterOf)) pending.flush();
      return registry.metrics();
    },
    metricsContentType: registry.contentType,
  };
}
