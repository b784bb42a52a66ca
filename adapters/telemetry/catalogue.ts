/**
 * Every metric: what it counts and by which labels. One table, because a label that one caller spells differently
 * splits a series, and one with free text (an order, a path) fills the memory of whoever scrapes it.
 * `docs/metrics.md` is generated from it.
 */
import type { CounterName, GaugeName, HistogramName } from "../../engine/ports/telemetry.js";

export interface MetricSpec {
  readonly help: string;
  readonly labels: readonly string[];
  /**
   * Of the whole system, collected when a process with the admin module is scraped. Several of them show the same
   * values: take the maximum, never the sum.
   */
  readonly system?: true;
}

export interface HistogramSpec extends MetricSpec {
  /** Upper bounds in seconds. */
  readonly buckets: readonly number[];
}

/** Work inside a process and its database: 0.1 ms to 1 s. */
const innerS = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1] as const;
/** What a merchant or an institution feels: 1 ms to the longest step of 12 s. A request is answered after 3 s. */
const outerS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 3, 5, 12] as const;
/** Waiting has no upper end: 1 ms to 10 min. */
const waitS = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5, 30, 120, 600] as const;

export const counters = {
  valence_requests_total: { labels: ["route", "status"], help: "HTTP requests by route pattern and status" },
  valence_connections_refused_total: {
    labels: [],
    help: "Connections closed as they came, because there were `connectionsMax` already",
  },
  valence_steps_total: { labels: ["atom", "outcome"], help: "Steps that ran" },
  valence_transactions_total: {
    labels: ["queue", "transaction", "type", "outcome"],
    help: "Transactions that ended",
  },
  valence_runs_ended_total: { labels: ["flow", "type", "end"], help: "Runs that reached an end" },
  valence_runs_parked_total: { labels: ["flow", "reason"], help: "Runs that wait for a person" },
  valence_commits_total: { labels: [], help: "Database transactions of group commits" },
  valence_units_total: { labels: [], help: "Units of work in them" },
  valence_dead_letters_total: { labels: ["queue"], help: "Messages given up" },
  valence_module_messages_total: {
    labels: ["module"],
    help: "Deliveries, requests or rounds a module of this process has ended",
  },
} as const satisfies Readonly<Record<CounterName, MetricSpec>>;

/** Of one transaction: which queue brought it, what it was, for which transaction type. */
const ofTransaction = ["queue", "transaction", "type"] as const;

export const histograms = {
  valence_request_seconds: { labels: ["route"], help: "HTTP request to response", buckets: outerS },
  valence_queue_wait_seconds: {
    labels: ofTransaction,
    help: "From when the message could be delivered to when it was taken",
    buckets: waitS,
  },
  valence_atoms_seconds: {
    labels: ofTransaction,
    help: "In those atoms of one transaction that stay inside (pure, store)",
    buckets: innerS,
  },
  valence_step_seconds: { labels: ["atom"], help: "One step, whatever its effect", buckets: outerS },
  valence_transaction_commit_seconds: {
    labels: ofTransaction,
    help: "One transaction's waiting for its commits, all of them together",
    buckets: innerS,
  },
  valence_commit_seconds: { labels: [], help: "One group commit", buckets: innerS },
  valence_channel_seconds: {
    labels: ["atom", "channel"],
    help: "One exchange with the world outside; `channel` is empty where it is not a channel's",
    buckets: outerS,
  },
} as const satisfies Readonly<Record<HistogramName, HistogramSpec>>;

/** One process of the system among others. */
const ofModule = ["module", "host", "pid"] as const;

export const gauges = {
  valence_units_per_commit: { labels: [], help: "Units of work in the last group commit" },
  valence_channel_breaker: {
    labels: ["channel"],
    help: "Circuit breaker of a channel in this process: 0 closed, 1 half open, 2 open",
  },
  valence_queue_messages: {
    labels: ["queue", "state"],
    help: "Messages by state: ready, delayed, leased, dead",
    system: true,
  },
  valence_queue_oldest_seconds: {
    labels: ["queue"],
    help: "How long the oldest ready message has waited; 0 where the broker does not tell",
    system: true,
  },
  valence_outbox_messages: {
    labels: ["queue"],
    help: "Committed, and not yet confirmed by the broker; absent on a bus without an outbox",
    system: true,
  },
  valence_module_state: {
    labels: [...ofModule, "state"],
    help: "1 for the state a module is in, 0 for the others: live, idle, stuck, lost",
    system: true,
  },
  valence_module_in_flight: { labels: ofModule, help: "Handlers under way", system: true },
  valence_module_oldest_in_flight_seconds: {
    labels: ofModule,
    help: "Age of the oldest handler under way; a single one that never ends shows here",
    system: true,
  },
  valence_module_loop_delay_seconds: {
    labels: ofModule,
    help: "The longest the event loop was late within the last second or so",
    system: true,
  },
  valence_parked_runs: { labels: [], help: "Runs that wait for a person", system: true },
  valence_journal_days_ahead: {
    labels: [],
    help: "Days ahead for which the journal has partitions; -1: not even for today",
    system: true,
  },
} as const satisfies Readonly<Record<GaugeName, MetricSpec>>;

/** Upper bounds of a histogram's buckets in seconds; none for what is no histogram. */
export const boundsOf = (metric: string): readonly number[] =>
  (histograms as Readonly<Record<string, HistogramSpec>>)[metric]?.buckets ?? [];
