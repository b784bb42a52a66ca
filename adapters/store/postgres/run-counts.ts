/**
 * Counts of the newest runs. Everything walks back from the newest id, a fixed number of rows at most, so that a page
 * that looks every few seconds costs the same at a hundred payments a minute and at a thousand a second.
 */
import { runDayOf } from "../../../engine/ids.js";
import type { RunCounter, RunCounts } from "../../../engine/ports/run-counts.js";
import type { Sql } from "./database.js";

/** Newest runs, of whatever flow, that are looked at. */
const lookedAtMax = 20_000;
/** Runs of the flow whose ways are counted. */
const countedMax = 500;
/** A rate is told of what began within so long. Milliseconds. */
const rateSpanMs = 60_000;

interface RunRow {
  readonly runId: string;
  readonly state: string;
  readonly stage: string;
  readonly createdAtMs: number;
}

export class PostgresRunCounts implements RunCounter {
  constructor(private readonly sql: Sql) {}

  async counts(flow: string): Promise<RunCounts> {
    const runs = await this.sql.query<RunRow>(
      `select run_id as "runId", state, stage, (extract(epoch from created_at) * 1000)::bigint as "createdAtMs"
       from (select run_id, flow, state, stage, created_at from core.runs
             order by run_id desc limit ${lookedAtMax}) newest
       where flow = $1 order by run_id desc limit ${countedMax}`,
      [flow],
    );
    const ids = runs.map(({ runId }) => runId);
    const ways = await this.sql.query<RunCounts["ways"][number]>(
      `select stage, outcome, count(*)::int as count from core.journal
       where run_day = any($1::date[]) and run_id = any($2::uuid[]) and kind = 'end'
       group by stage, outcome order by stage, outcome`,
      [[...new Set(ids.map(runDayOf))], ids],
    );
    return {
      runs: runs.length,
      fromMs: runs.at(-1)?.createdAtMs ?? 0,
      toMs: runs[0]?.createdAtMs ?? 0,
      ways,
      standing: standingOf(runs),
    };
  }

  async perMinute(): Promise<Readonly<Record<string, number>>> {
    const rows = await this.sql.query<{ flow: string; runs: number; spanMs: number }>(
      `with newest as (select flow, created_at from core.runs order by run_id desc limit ${lookedAtMax}),
         recent as (select * from newest where created_at > now() - interval '${rateSpanMs} milliseconds')
       select flow, count(*)::int as runs,
         case when (select count(*) from recent) < ${lookedAtMax} then ${rateSpanMs}
           else (extract(epoch from now() - (select min(created_at) from recent)) * 1000)::int end as "spanMs"
       from recent group by flow`,
    );
    return Object.fromEntries(
      rows.map(({ flow, runs, spanMs }) => [flow, (runs / Math.max(1, spanMs)) * 60_000]),
    );
  }
}

/** An open run moves on without its row: where it stands exactly, its journal knows, and its order's story tells. */
function standingOf(runs: readonly RunRow[]): RunCounts["standing"] {
  const counts = new Map<string, RunCounts["standing"][number]>();
  for (const { state, stage } of runs) {
    if (state === "ended") continue;
    const key = `${state} ${stage}`;
    const count = (counts.get(key)?.count ?? 0) + 1;
    counts.set(key, { stage, state: state as RunCounts["standing"][number]["state"], count });
  }
  return [...counts.values()];
}
