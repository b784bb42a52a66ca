/** Recorded throughput in `report.samples`. Every read is a range of its key. */
import type {
  Sample,
  SampleSet,
  SeriesKeeping,
  SeriesSpan,
  SeriesStore,
  WindowSample,
} from "../../../engine/ports/series.js";
import type { Sql } from "./database.js";
import { madeSteps, rollUpStep } from "./series-steps.js";

/** Longest histogram there may be; the catalogue of metrics is tested against it. */
export const bucketsMax = 16;

/** Element by element: unfolding the arrays of a day would cost more than everything else. */
const addedBuckets = (type: string): string => {
  const sums = Array.from({ length: bucketsMax }, (_, index) => `sum(buckets[${index + 1}])`);
  return `array[${sums.join(", ")}]::${type}[]`;
};

/** What is told by transaction and atom adds up to what is told by queue, type and channel. */
const labels = "labels - '{transaction,atom}'::text[]";
const withinSpan =
  "step_s = $1 and at >= to_timestamp($2::bigint / 1000.0) and at < to_timestamp($3::bigint / 1000.0)";

export class PostgresSeries implements SeriesStore, SeriesKeeping {
  constructor(private readonly sql: Sql) {}

  async add({ atMs, instance, service, host, samples }: SampleSet): Promise<void> {
    if (samples.length === 0) return;
    const column = <T>(value: (sample: Sample) => T): readonly T[] => samples.map(value);
    await this.sql.query(
      `insert into report.samples (step_s, at, instance, service, host, metric, labels, count, sum, buckets)
       select 5, to_timestamp($1::bigint / 1000.0), $2, $3, $4, metric, labels::jsonb, count, sum, buckets::int[]
       from unnest($5::text[], $6::text[], $7::bigint[], $8::float8[], $9::text[])
         as s(metric, labels, count, sum, buckets)
       on conflict do nothing`,
      [
        ...[atMs, instance, service, host],
        column(({ metric }) => metric),
        column((sample) => JSON.stringify(sample.labels)),
        column(({ count }) => count),
        column(({ sum }) => sum),
        column(({ buckets }) => (buckets === undefined ? null : `{${buckets.join(",")}}`)),
      ],
      "series-add",
    );
  }

  async course({ stepS, fromMs, toMs }: SeriesSpan, windowS: number): Promise<readonly WindowSample[]> {
    return this.sql.query<WindowSample & Record<string, unknown>>(
      `select (floor(extract(epoch from at) / $4::int) * $4::int * 1000)::bigint as "atMs", metric,
         ${labels} as labels, sum(count)::float8 as count, sum(sum) as sum
       from report.samples where ${withinSpan} group by 1, 2, 3`,
      [stepS, fromMs, toMs, windowS],
      "series-course",
    );
  }

  async totals({ stepS, fromMs, toMs }: SeriesSpan): Promise<readonly Sample[]> {
    const rows = await this.sql.query<Omit<Sample, "buckets"> & { buckets: readonly (number | null)[] }>(
      `select metric, ${labels} as labels, sum(count)::float8 as count, sum(sum) as sum,
         ${addedBuckets("float8")} as buckets
       from report.samples where ${withinSpan} group by 1, 2`,
      [stepS, fromMs, toMs],
      "series-totals",
    );
    return rows.map(({ buckets, ...row }) => {
      const counts = buckets.filter((count) => count !== null);
      return counts.length === 0 ? row : { ...row, buckets: counts };
    });
  }

  async rollUp(): Promise<void> {
    for (const stepS of await madeSteps(this.sql))
      await this.sql.transaction((tx) => rollUpStep(tx, stepS, addedBuckets("int")));
  }
}
