/**
 * Every metric: what it counts and by which labels. One table, because a label that one caller spells differently
 * splits a series, and one with free text (an order, a path) fills the memory of whoever scrapes it.
 */
import type { CounterName, GaugeName, HistogramName } from "../../engine/ports/telemetry.js";

export interface MetricSpec {
  readonly help: string;
  readonly labels: readonly string[];
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
  valence_steps_total: { labels: ["atom", "outcome"], help: "Steps that ran" },
  valence_transactions_total: { labels: ["transaction", "outcome"], help: "Transactions that ended" },
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

export const histograms = {
  valence_request_seconds: { labels: ["route"], help: "HTTP request to response", buckets: outerS },
  valence_queue_wait_seconds: { labels: ["transaction"], help: "Deliverable to taken", buckets: waitS },
  valence_atoms_seconds: {
    labels: ["transaction"],
    help: "Time in atoms of one transaction",
    buckets: innerS,
  },
  valence_commit_seconds: { labels: [], help: "One group commit", buckets: innerS },
  valence_channel_seconds: { labels: ["atom"], help: "One exchange with the world outside", buckets: outerS },
} as const satisfies Readonly<Record<HistogramName, HistogramSpec>>;

export const gauges = {
  valence_units_per_commit: { labels: [], help: "Units of work in the last group commit" },
} as const satisfies Readonly<Record<GaugeName, MetricSpec>>;
