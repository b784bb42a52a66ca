/** Percentiles of a histogram: as exact as its buckets are narrow. */

/** What a histogram says of one span. Milliseconds. */
export interface Latency {
  readonly count: number;
  readonly meanMs: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
}

/** A histogram that can be added to. Seconds. */
export interface Distribution {
  count: number;
  sum: number;
  /** Observations by bucket, each for itself; one more than there are bounds. */
  readonly buckets: number[];
}

export const noDistribution = (): Distribution => ({ count: 0, sum: 0, buckets: [] });

export function addTo(
  target: Distribution,
  { count, sum, buckets = [] }: { count: number; sum: number; buckets?: readonly number[] },
): void {
  target.count += count;
  target.sum += sum;
  buckets.forEach((each, index) => (target.buckets[index] = (target.buckets[index] ?? 0) + each));
}

/**
 * The value below which the share `q` of all observations lies, by even distribution within a bucket. What lies above
 * the last bound counts as that bound: more is not known. Seconds; 0 when nothing was observed.
 */
export function quantile(q: number, buckets: readonly number[], bounds: readonly number[]): number {
  const total = buckets.reduce((sum, count) => sum + count, 0);
  let rank = q * total;
  for (const [index, count] of buckets.entries()) {
    if (count === 0 || rank > count) {
      rank -= count;
      continue;
    }
    const lower = bounds[index - 1] ?? 0;
    const upper = bounds[index] ?? lower;
    return lower + (upper - lower) * (rank / count);
  }
  return 0;
}

const roundedMs = (seconds: number): number => Math.round(seconds * 1e6) / 1e3;

/** `bounds`: upper bounds of the buckets, in seconds. Undefined when nothing was observed. */
export function latencyOf(
  { count, sum, buckets }: Distribution,
  bounds: readonly number[],
): Latency | undefined {
  if (count === 0) return undefined;
  const at = (q: number): number => roundedMs(quantile(q, buckets, bounds));
  return { count, meanMs: roundedMs(sum / count), p50Ms: at(0.5), p95Ms: at(0.95), p99Ms: at(0.99) };
}
