/**
 * Recorded runs, for the shadow replay. Found by walking back from the newest run, for ids begin with their time; the
 * walk is bounded, so that a flow that has not run for long is not looked for in the whole table.
 */
import { runDayOf } from "../../../engine/ids.js";
import type {
  RecordedPoint,
  RecordedRun,
  RecordedSignal,
  Recordings,
} from "../../../engine/ports/recordings.js";
import type { Sql } from "./database.js";

/** Newest runs, of whatever flow, that are looked through. */
const lookedThroughMax = 100_000;
/** Runs whose journal is asked for at a time. */
const chunk = 1_000;

type RunRow = Omit<RecordedRun, "journal" | "signals">;
type OfRun<T> = T & { readonly runId: string };

export class PostgresRecordings implements Recordings {
  constructor(private readonly sql: Sql) {}

  async last(flow: string, count: number): Promise<readonly RecordedRun[]> {
    const over = await this.sql.query<RunRow>(
      `select run_id as "runId", flow, type, plan_hash as "planHash", state, reason,
         (extract(epoch from created_at) * 1000)::bigint as "createdAtMs"
       from (select run_id, flow, type, plan_hash, state, reason, created_at from core.runs
             order by run_id desc limit ${lookedThroughMax}) newest
       where flow = $1 and state in ('ended', 'parked') order by run_id desc`,
      [flow],
    );
    const kept: RunRow[] = [];
    for (let from = 0; from < over.length && kept.length < count; from += chunk) {
      const some = over.slice(from, from + chunk);
      const withInput = await this.#withInput(some);
      kept.push(...some.filter(({ runId }) => withInput.has(runId)));
    }
    return this.#recorded(kept.slice(0, count));
  }

  async #withInput(runs: readonly RunRow[]): Promise<ReadonlySet<string>> {
    const rows = await this.sql.query<{ runId: string }>(
      `select run_id as "runId" from core.journal
       where run_day = any($1::date[]) and run_id = any($2::uuid[]) and hop = 0 and point = 0
         and data -> 'input' is not null`,
      keysOf(runs),
    );
    return new Set(rows.map(({ runId }) => runId));
  }

  async #recorded(runs: readonly RunRow[]): Promise<readonly RecordedRun[]> {
    if (runs.length === 0) return [];
    const journal = await this.sql.query<OfRun<RecordedPoint>>(
      `select run_id as "runId", hop, point, step, kind, stage, outcome, data,
         (extract(epoch from at) * 1000)::bigint as "atMs"
       from core.journal where run_day = any($1::date[]) and run_id = any($2::uuid[]) and kind <> 'mark'
       order by run_id, hop, point`,
      keysOf(runs),
    );
    const signals = await this.sql.query<OfRun<RecordedSignal>>(
      `select run_id as "runId", signal_id as "signalId", signal, fields,
         (extract(epoch from given_at) * 1000)::bigint as "givenAtMs"
       from core.signals where run_id = any($1::uuid[]) and state = 'taken' order by given_at`,
      [runs.map(({ runId }) => runId)],
    );
    const [points, taken] = [byRun(journal), byRun(signals)];
    return runs.map((run) => ({
      ...run,
      journal: points.get(run.runId) ?? [],
      signals: taken.get(run.runId) ?? [],
    }));
  }
}

/** Days make the journal's partitions; a run's day follows from its id. */
const keysOf = (runs: readonly RunRow[]): readonly [days: readonly string[], ids: readonly string[]] => {
  const ids = runs.map(({ runId }) => runId);
  return [[...new Set(ids.map(runDayOf))], ids];
};

function byRun<T>(rows: readonly OfRun<T>[]): ReadonlyMap<string, readonly OfRun<T>[]> {
  const groups = new Map<string, OfRun<T>[]>();
  for (const row of rows) {
    const group = groups.get(row.runId);
    if (group) group.push(row);
    else groups.set(row.runId, [row]);
  }
  return groups;
}
