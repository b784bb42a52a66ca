/** What is done at a time, whoever is there: timers, sweeps, expiry, roll-ups. */
import { limits } from "../../../engine/limits.js";
import { type Duty, Scheduler } from "../../schedule/scheduler.js";
import type { Sql } from "../../store/postgres/database.js";
import { expiredOrders } from "../../store/postgres/expiry.js";
import type { Module, ModuleContext } from "./module.js";

const expiry = (sql: Sql): Duty => ({
  work: "expiry",
  cron: "*/5 * * * * *",
  due: (limit) => expiredOrders(sql, limit),
});

export function startScheduler({ kernel }: ModuleContext): Promise<Module> {
  const { store, bus, catalogue, clock, database, telemetry, crash, settings, series } = kernel;
  const scheduler = new Scheduler({
    housekeeping: store,
    bus,
    catalogue,
    clock,
    telemetry,
    crash,
    duties: [expiry(database.pool)],
    chores: [{ work: "series", cron: "30 * * * * *", run: () => series.rollUp() }],
    progress: kernel.progress.of("scheduler"),
    tickMs: settings.scheduler.tickMs,
    sweepAfterMs: settings.scheduler.sweepAfterMs,
    deadAfterMs: limits.moduleLostMs,
  });
  scheduler.start();
  return Promise.resolve({ name: "scheduler", stop: () => scheduler.stop() });
}
