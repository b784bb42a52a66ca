/** Logs are events, not sentences; metrics are named by what they count. */

export type LogLevel = "debug" | "info" | "warn" | "error";

export interface LogEvent {
  /** `noun.verb`, past tense: `run.parked`. */
  readonly event: string;
  readonly [key: string]: unknown;
}

export interface Telemetry {
  log(level: LogLevel, event: LogEvent): void;
  /** False: events of this level are not written, and need not be made. */
  logs?(level: LogLevel): boolean;
  count(metric: CounterName, labels: Readonly<Record<string, string>>, by?: number): void;
  /** Seconds. */
  observe(metric: HistogramName, labels: Readonly<Record<string, string>>, seconds: number): void;
  gauge(metric: GaugeName, labels: Readonly<Record<string, string>>, value: number): void;
}

export type CounterName =
  | "valence_requests_total"
  | "valence_connections_refused_total"
  | "valence_steps_total"
  | "valence_transactions_total"
  | "valence_runs_ended_total"
  | "valence_runs_parked_total"
  | "valence_commits_total"
  | "valence_units_total"
  | "valence_dead_letters_total"
  | "valence_module_messages_total";
export type HistogramName =
  | "valence_request_seconds"
  | "valence_queue_wait_seconds"
  | "valence_atoms_seconds"
  | "valence_step_seconds"
  | "valence_transaction_commit_seconds"
  | "valence_commit_seconds"
  | "valence_channel_seconds";
export type GaugeName =
  | "valence_units_per_commit"
  | "valence_channel_breaker"
  | "valence_queue_messages"
  | "valence_queue_oldest_seconds"
  | "valence_outbox_messages"
  | "valence_module_state"
  | "valence_module_in_flight"
  | "valence_module_oldest_in_flight_seconds"
  | "valence_module_loop_delay_seconds"
  | "valence_parked_runs"
  | "valence_journal_days_ahead";

/** Says nothing: for pure tests and tools. */
export const silent: Telemetry = { log() {}, count() {}, observe() {}, gauge() {} };
