/**
 * Writes what this process has counted, every 5 s in one statement, beside the payments and never with them. What
 * cannot be written is lost: throughput is for looking at, and a repeat could count twice. A process that is killed
 * loses what it has counted since its last step; one that stops in order loses nothing.
 */
import type { Clock, Random } from "../../engine/ports/clock.js";
import type { Sample, SeriesStore } from "../../engine/ports/series.js";
import type { CounterName, HistogramName, Telemetry } from "../../engine/ports/telemetry.js";
import { recordedStepMs } from "../../engine/registry/spans.js";

/** What is recorded. Steps of atoms and group commits are for who scrapes. */
export const recordedMetrics: readonly (CounterName | HistogramName)[] = [
  "valence_requests_total",
  "valence_request_seconds",
  "valence_transactions_total",
  "valence_queue_wait_seconds",
  "valence_atoms_seconds",
  "valence_transaction_commit_seconds",
  "valence_channel_seconds",
  "valence_runs_ended_total",
  "valence_runs_parked_total",
  "valence_dead_letters_total",
  "valence_module_messages_total",
];

/** Processes write within this time after a step has ended, not all at once. Milliseconds. */
const spreadMs = 500;
/** Timers ring so much too early at most. Milliseconds. */
const earlyMsMax = 100;
/** A wall clock that was set back by less is waited for. Milliseconds. */
const setBackMsMax = 60_000;
/** What a process that stops gives its last write. Milliseconds. */
const lastWriteMsMax = 2_000;

export interface RecorderOptions {
  readonly series: Pick<SeriesStore, "add">;
  readonly clock: Clock;
  readonly random: Random;
  readonly telemetry: Pick<Telemetry, "log">;
  readonly instance: string;
  readonly service: string;
  readonly host: string;
  /** What there is to write now; asked once a step. */
  collect(): readonly Sample[] | Promise<readonly Sample[]>;
}

export class Recorder {
  #cancel: () => void = () => undefined;
  #writing: Promise<void> = Promise.resolve();
  #stopped = false;
  #failing = false;
  #lastAtMs = 0;

  constructor(private readonly options: RecorderOptions) {
    this.#later();
  }

  /** Writes what is left. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancel();
    await this.#writing;
    await this.#record();
  }

  /** After the end of this step; a round that takes longer than a step leaves out the next. */
  #later(): void {
    if (this.#stopped) return;
    const { clock, random } = this.options;
    const leftMs = recordedStepMs - (clock.nowMs() % recordedStepMs);
    // A timer that rang a moment too early has told of this step already.
    const waitMs = leftMs < earlyMsMax ? leftMs + recordedStepMs : leftMs;
    this.#cancel = clock.after(waitMs + random.fraction() * spreadMs, () => {
      this.#writing = this.#record().then(() => {
        this.#later();
      });
    });
  }

  async #record(): Promise<void> {
    const { series, instance, service, host, collect } = this.options;
    try {
      const atMs = this.#stepNow();
      // What was counted stays where it is, for the next step.
      if (atMs === undefined) return;
      const samples = await collect();
      const written = series.add({ atMs, instance, service, host, samples });
      await (this.#stopped ? this.#atMost(written) : written);
      if (this.#failing) this.options.telemetry.log("info", { event: "series.recorded-again" });
      this.#failing = false;
    } catch (error) {
      // Said once, not every five seconds for as long as the database is away.
      if (!this.#failing) this.options.telemetry.log("warn", { event: "series.lost", detail: String(error) });
      this.#failing = true;
    }
  }

  /** A database that does not answer must not keep a process from stopping. */
  async #atMost(written: Promise<void>): Promise<void> {
    let cancel: () => void = () => undefined;
    const patience = new Promise<void>((resolve) => {
      cancel = this.options.clock.after(lastWriteMsMax, resolve);
    });
    try {
      await Promise.race([written, patience]);
    } finally {
      cancel();
    }
  }

  /** The step that what is counted up to now belongs to: never the same twice. Undefined: that one has been written. */
  #stepNow(): number | undefined {
    const middleMs = this.options.clock.nowMs() - recordedStepMs / 2;
    const atMs = Math.floor(middleMs / recordedStepMs) * recordedStepMs;
    const isBehind = atMs <= this.#lastAtMs && atMs > this.#lastAtMs - setBackMsMax;
    if (isBehind && !this.#stopped) return undefined;
    this.#lastAtMs = Math.max(atMs, this.#lastAtMs + recordedStepMs);
    return this.#lastAtMs;
  }
}
