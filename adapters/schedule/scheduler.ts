/**
 * The scheduler module. Cron only wakes; due work is read from the database, so any number of schedulers may run and
 * any of them may die. Timers of waits are looked at every `tickMs`; everything slower is a cron line.
 */
import cron from "node-cron";
import type { Catalogue } from "../../engine/registry/catalogue.js";
import type { Bus } from "../../engine/ports/bus.js";
import type { Clock } from "../../engine/ports/clock.js";
import type { Housekeeping } from "../../engine/ports/housekeeping.js";
import type { Row } from "../../engine/ports/store.js";
import type { Telemetry } from "../../engine/ports/telemetry.js";
import type { Crash } from "../../engine/runtime/crash-points.js";
import { type RunBody, startMessage } from "../../engine/runtime/message.js";
import { timerMessage } from "../../engine/runtime/publications.js";
import { rebuildMessage } from "../../engine/runtime/sweep.js";

/** Calls `task` whenever the expression says so, never twice at a time; the result ends it. */
export type Cron = (expression: string, task: () => Promise<void>) => { destroy(): void | Promise<void> };

export const systemCron: Cron = (expression, task) => cron.schedule(expression, task, { noOverlap: true });

/** A run that is due. The same work has the same run id every time it is found. */
export interface DueRun {
  readonly runId: string;
  readonly type: string;
  readonly fields: Row;
}

/** Work that time brings about: runs that start when rows say so. */
export interface Duty {
  readonly work: string;
  /** Cron line with seconds: how often is looked. */
  readonly cron: string;
  due(limit: number): Promise<readonly DueRun[]>;
}

/** Work beside the runs, which may be done at any time, by anybody, and by several at once. */
export interface Chore {
  readonly work: string;
  /** Cron line with seconds. */
  readonly cron: string;
  run(): Promise<void>;
}

export interface SchedulerOptions {
  readonly housekeeping: Housekeeping;
  readonly bus: Bus;
  readonly catalogue: Catalogue;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  readonly crash: Crash;
  readonly duties: readonly Duty[];
  readonly chores?: readonly Chore[];
  /** Told of every round: one that never ends is a scheduler that hangs. */
  readonly progress: { watch(round: () => Promise<void>): Promise<void> };
  /** How often due timers are looked for. Milliseconds. */
  readonly tickMs: number;
  /** An open run that has not moved for this long is published again. Milliseconds. */
  readonly sweepAfterMs: number;
  /** A process without a beat for this long loses its leases. Milliseconds. */
  readonly deadAfterMs: number;
  /** Default: the wall clock's. */
  readonly cron?: Cron;
}

const timersPerTick = 500;
const silentPerSweep = 500;
const duePerRound = 500;
const noncesPerPurge = 10_000;
/** The journal's partitions exist this many days ahead; a day that was missing is an alert. */
const partitionDaysAhead = 7;

export class Scheduler {
  readonly #tasks: ReturnType<Cron>[] = [];
  readonly #running = new Set<Promise<void>>();
  #stopped = false;
  #cancelTick: () => void = () => undefined;

  constructor(private readonly options: SchedulerOptions) {}

  start(): void {
    this.#tick();
    const { housekeeping, deadAfterMs } = this.options;
    this.#every("*/5 * * * * *", "leases", async () => {
      const released = await housekeeping.releaseDeadLeases(deadAfterMs);
      if (released > 0) this.options.telemetry.log("warn", { event: "leases.released", count: released });
    });
    this.#every("*/10 * * * * *", "sweep", () => this.#sweep());
    for (const duty of this.options.duties) this.#every(duty.cron, duty.work, () => this.#start(duty));
    for (const chore of this.options.chores ?? []) this.#every(chore.cron, chore.work, () => chore.run());
    this.#every("30 * * * * *", "nonces", async () => {
      await housekeeping.purgeNonces(noncesPerPurge);
    });
    this.#every("15 7 * * * *", "partitions", async () => {
      const missing = await housekeeping.ensurePartitions(partitionDaysAhead);
      // One new day at midnight is the rule; more means nobody looked for days.
      if (missing.length > 1)
        this.options.telemetry.log("error", { event: "partitions.missing", days: missing });
    });
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancelTick();
    for (const task of this.#tasks) await task.destroy();
    await Promise.all(this.#running);
  }

  #every(expression: string, work: string, run: () => Promise<void>): void {
    const { cron: schedule = systemCron } = this.options;
    this.#tasks.push(schedule(expression, () => this.#guard(work, run)));
  }

  #tick(): void {
    if (this.#stopped) return;
    this.#cancelTick = this.options.clock.after(this.options.tickMs, () => {
      void this.#guard("timers", () => this.#fireTimers()).then(() => {
        this.#tick();
      });
    });
  }

  async #fireTimers(): Promise<void> {
    for (;;) {
      const fired = await this.options.housekeeping.fireTimers(timerMessage, timersPerTick);
      if (fired > 0) this.options.crash("timers-fired", {});
      if (fired < timersPerTick) return;
    }
  }

  async #sweep(): Promise<void> {
    const { housekeeping, catalogue, bus, telemetry, sweepAfterMs } = this.options;
    const silentRuns = await housekeeping.silentRuns(sweepAfterMs, silentPerSweep);
    if (silentRuns.length === 0) return;
    const waiting = bus.capabilities.unique ? new Set<string>() : await this.#queuesWithMessages();
    for (const silent of silentRuns) {
      const plan = await catalogue.plan((silent.body as unknown as RunBody).planHash);
      if (!plan) continue;
      const message = rebuildMessage(silent, plan);
      if (waiting.has(message.queue)) continue;
      await bus.publish([message]);
      telemetry.log("warn", { event: "run.republished", runId: silent.runId });
    }
  }

  /** What is found again before its run has a row is published again under the same id, and then has no effect. */
  async #start({ due }: Duty): Promise<void> {
    const { catalogue, bus, clock } = this.options;
    const messages = (await due(duePerRound)).flatMap(({ runId, type, fields }) => {
      const active = catalogue.type(type);
      if (!active) return [];
      const run = { runId, type, acceptedAtMs: clock.nowMs(), fields: { ...active.set, ...fields, type } };
      return [startMessage(active.plan, run, {})];
    });
    if (messages.length > 0) await bus.publish(messages);
  }

  /**
   * On a bus that knows a message id once, what still waits is not published twice. On the others it may be among what
   * waits in its queue, behind a closed channel for hours: only from an empty queue has it certainly gone.
   */
  async #queuesWithMessages(): Promise<ReadonlySet<string>> {
    const depths = await this.options.bus.depths();
    return new Set(depths.filter(({ ready, delayed }) => ready + delayed > 0).map(({ queue }) => queue));
  }

  /** A failed round is logged and tried again at the next one. */
  async #guard(work: string, run: () => Promise<void>): Promise<void> {
    if (this.#stopped) return;
    const round = this.options.progress.watch(run).catch((error: unknown) => {
      this.options.telemetry.log("warn", { event: "schedule.failed", work, detail: String(error) });
    });
    this.#running.add(round);
    await round;
    this.#running.delete(round);
  }
}
