/** From samples to figures: rate and latency of one channel in one phase. */
import type { Sample } from "./stream.js";

/** Monotonic milliseconds. */
export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

export interface Figures {
  /** Orders answered as paid, per second of the whole span. */
  readonly paidPerSecond: number;
  /** From sending the order to its answer. One that is not decided counts with the time it was waited for. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Medians over the seconds of the span, which a stumbling machine moves little: orders paid, slowest order. */
  readonly usualPerSecond: number;
  readonly usualSlowestMs: number;
  /** The slowest order of each second: stalls show here. */
  readonly slowestMs: readonly number[];
}

export const within = ({ fromMs, toMs }: Span, atMs: number): boolean => atMs >= fromMs && atMs < toMs;

export function figuresOf(samples: readonly Sample[], span: Span): Figures {
  const paid = samples.filter(({ said, answeredAtMs }) => said === "201 paid" && within(span, answeredAtMs));
  const latencies = latenciesOf(samples, span);
  const seconds = secondsOf(span);
  const slowestMs = seconds.map((second) => Math.max(0, ...latenciesOf(samples, second)));
  return {
    paidPerSecond: (paid.length * 1000) / (span.toMs - span.fromMs),
    p50Ms: quantile(latencies, 0.5),
    p99Ms: quantile(latencies, 0.99),
    usualPerSecond: median(
      seconds.map((second) => paid.filter(({ answeredAtMs }) => within(second, answeredAtMs)).length),
    ),
    usualSlowestMs: median(slowestMs),
    slowestMs,
  };
}

/** How many of the orders sent in the span were answered how, the most frequent answer first. */
export function answersOf(samples: readonly Sample[], span: Span): Readonly<Record<string, number>> {
  const counts = new Map<string, number>();
  for (const { said, sentAtMs } of samples)
    if (within(span, sentAtMs)) counts.set(said, (counts.get(said) ?? 0) + 1);
  return Object.fromEntries([...counts].sort(([, a], [, b]) => b - a));
}

const latenciesOf = (samples: readonly Sample[], span: Span): readonly number[] =>
  samples
    .filter(({ sentAtMs }) => within(span, sentAtMs))
    .map(({ sentAtMs, answeredAtMs }) => answeredAtMs - sentAtMs);

/** The whole seconds of it. */
const secondsOf = ({ fromMs, toMs }: Span): readonly Span[] =>
  Array.from({ length: Math.floor((toMs - fromMs) / 1000) }, (_, second) => ({
    fromMs: fromMs + second * 1000,
    toMs: fromMs + (second + 1) * 1000,
  }));

const sorted = (values: readonly number[]): readonly number[] => [...values].sort((a, b) => a - b);

const quantile = (values: readonly number[], share: number): number =>
  sorted(values)[Math.max(0, Math.ceil(values.length * share) - 1)] ?? 0;

const median = (values: readonly number[]): number => quantile(values, 0.5);
