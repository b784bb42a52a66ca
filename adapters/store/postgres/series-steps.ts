/**
 * Makes long steps of short ones. Everything about one length of step is in one database transaction: a process that
 * dies in the middle has done nothing. A step is added up from all of its parts each time, never added to, and so are
 * the last few before it, for what was written late: doing it twice changes nothing.
 */
import { limits } from "../../../engine/limits.js";
import type { Sql } from "./database.js";

/** Finished steps that are added up once more. */
const overlapSteps = 2;

/** What is recorded may arrive so late: clocks differ, and a process may stand still for as long as its leases last. */
const lateMs = limits.clockSkewMsMax + limits.leaseMs;

interface Progress {
  readonly sourceS: number;
  readonly nowMs: number;
  /** Added up so far. */
  readonly untilMs: number | null;
  /** How far its source is; null for what processes write themselves. */
  readonly sourceUntilMs: number | null;
  readonly recorded: boolean;
}

/** Lengths of the steps that are made of shorter ones, in the order in which they are made. */
export async function madeSteps(sql: Sql): Promise<readonly number[]> {
  const rows = await sql.query<{ stepS: number }>(
    `select step_s as "stepS" from report.steps where source_s is not null order by step_s`,
  );
  return rows.map(({ stepS }) => stepS);
}

/** `addedBuckets`: SQL that adds the histograms of a group. */
export async function rollUpStep(tx: Sql, stepS: number, addedBuckets: string): Promise<void> {
  const progress = await claimed(tx, stepS);
  // Somebody else is at it: nothing is left to do.
  if (!progress) return;
  const { sourceS, nowMs, untilMs, sourceUntilMs, recorded } = progress;
  const stepMs = stepS * 1_000;
  const endedMs = recorded ? nowMs - lateMs : (sourceUntilMs ?? 0);
  const toMs = Math.floor(endedMs / stepMs) * stepMs;
  // No step has ended since: what came late for those before is added up with the next one.
  if (toMs <= (untilMs ?? 0)) return;
  const fromMs = Math.max(0, (untilMs ?? 0) - overlapSteps * stepMs);
  await tx.query(
    `insert into report.samples as s (step_s, at, instance, service, host, metric, labels, count, sum, buckets)
     select $1::int, to_timestamp(floor(extract(epoch from at) / $1::int) * $1::int), instance, min(service),
       min(host), metric, labels, sum(count), sum(sum),
       case when bool_or(buckets is not null) then array_remove(${addedBuckets}, null) end
     from report.samples
     where step_s = $2 and at >= to_timestamp($3::bigint / 1000.0) and at < to_timestamp($4::bigint / 1000.0)
     group by 2, instance, metric, labels
     on conflict (step_s, at, instance, metric, labels)
       do update set count = excluded.count, sum = excluded.sum, buckets = excluded.buckets
       where (s.count, s.sum) is distinct from (excluded.count, excluded.sum)`,
    [stepS, sourceS, fromMs, toMs],
  );
  await tx.query("update report.steps set until = to_timestamp($2::bigint / 1000.0) where step_s = $1", [
    stepS,
    toMs,
  ]);
  await forget(tx, stepS);
  // Of the source nothing goes that is not added up yet, or is added up again.
  await forget(tx, sourceS, toMs - overlapSteps * stepMs);
}

async function claimed(tx: Sql, stepS: number): Promise<Progress | undefined> {
  const inMs = (time: string): string => `(extract(epoch from ${time}) * 1000)::bigint`;
  const [progress] = await tx.query<Progress & Record<string, unknown>>(
    `select made.source_s as "sourceS", ${inMs("now()")} as "nowMs", ${inMs("made.until")} as "untilMs",
       ${inMs("source.until")} as "sourceUntilMs", source.source_s is null as recorded
     from report.steps made join report.steps source on source.step_s = made.source_s
     where made.step_s = $1 for update of made skip locked`,
    [stepS],
  );
  return progress;
}

/** Removes what has been kept long enough; nothing from `beforeMs` on. */
async function forget(tx: Sql, stepS: number, beforeMs: number = Number.MAX_SAFE_INTEGER): Promise<void> {
  await tx.query(
    `delete from report.samples where step_s = $1 and extract(epoch from at) * 1000 < $2
       and at < now() - (select keep from report.steps where step_s = $1)`,
    [stepS, beforeMs],
  );
}
