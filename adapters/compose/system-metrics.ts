/**
 * Metrics of the whole system: queues, modules, what waits for a person. Collected when the process with the admin
 * module is scraped, so that nobody asks the database for numbers that nobody looks at.
 */
import type { GaugeName, ModuleState, Outbox, Telemetry } from "../../engine/ports/index.js";
import { journalDaysAhead, parkedRuns } from "../store/postgres/checks.js";
import type { Sql } from "../store/postgres/database.js";
import type { Metrics, Series } from "../telemetry/index.js";
import type { SystemLook } from "./system-view.js";

export interface SystemMetricsPorts {
  readonly view: { look(): Promise<Pick<SystemLook, "modules" | "queues">> };
  readonly sql: Sql;
  /** Where there is one. */
  readonly outbox?: Pick<Outbox, "depths">;
  readonly telemetry: Pick<Telemetry, "log"> & Pick<Metrics, "replace">;
}

type Collected = Readonly<Partial<Record<GaugeName, readonly Series[]>>>;

const states: readonly ModuleState[] = ["live", "idle", "stuck", "lost"];
const systemGauges = [
  "valence_queue_messages",
  "valence_queue_oldest_seconds",
  "valence_outbox_messages",
  "valence_module_state",
  "valence_module_in_flight",
  "valence_module_oldest_in_flight_seconds",
  "valence_module_loop_delay_seconds",
  "valence_parked_runs",
  "valence_journal_days_ahead",
] as const satisfies readonly GaugeName[];

/** Never rejects: what cannot be collected is absent, and an alert is for what is absent, too. */
export async function collectSystemMetrics({
  view,
  sql,
  outbox,
  telemetry,
}: SystemMetricsPorts): Promise<void> {
  let collected: Collected = {};
  try {
    const [look, parked, daysAhead, unsent] = await Promise.all([
      view.look(),
      parkedRuns(sql),
      journalDaysAhead(sql),
      outbox?.depths() ?? [],
    ]);
    collected = {
      ...ofQueues(look),
      ...ofModules(look),
      valence_outbox_messages: unsent.map((each) => ({ labels: { queue: each.queue }, value: each.unsent })),
      valence_parked_runs: [{ labels: {}, value: parked }],
      valence_journal_days_ahead: [{ labels: {}, value: daysAhead }],
    };
  } catch (error) {
    telemetry.log("warn", { event: "metrics.failed", detail: String(error) });
  }
  // What was collected last time and is not there now must not stand for ever.
  for (const name of systemGauges) telemetry.replace(name, collected[name] ?? []);
}

const ofQueues = ({ queues }: Pick<SystemLook, "queues">): Collected => ({
  valence_queue_messages: queues.flatMap(({ queue, ready, delayed, leased, dead }) =>
    Object.entries({ ready, delayed, leased, dead }).map(([state, value]) => ({
      labels: { queue, state },
      value,
    })),
  ),
  valence_queue_oldest_seconds: queues.map(({ queue, ready, oldestReadyMs }) => ({
    labels: { queue },
    value: ready > 0 ? oldestReadyMs / 1_000 : 0,
  })),
});

function ofModules({ modules }: Pick<SystemLook, "modules">): Collected {
  const beating = modules.filter(({ state }) => state !== "lost");
  const each = (value: (module: SystemLook["modules"][number]) => number): readonly Series[] =>
    beating.map((module) => ({ labels: labelsOf(module), value: value(module) }));
  return {
    valence_module_state: modules.flatMap((module) =>
      states.map((state) => ({
        labels: { ...labelsOf(module), state },
        value: module.state === state ? 1 : 0,
      })),
    ),
    valence_module_in_flight: each(({ progress }) => progress.inFlight),
    valence_module_oldest_in_flight_seconds: each(({ progress }) => progress.oldestInFlightMs / 1_000),
    valence_module_loop_delay_seconds: each(({ progress }) => progress.loopDelayMs / 1_000),
  };
}

const labelsOf = ({
  module,
  host,
  pid,
}: SystemLook["modules"][number]): Readonly<Record<string, string>> => ({
  ...{ module, host },
  pid: String(pid),
});
