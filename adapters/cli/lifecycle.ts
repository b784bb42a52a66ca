/**
 * The life of a process that serves: starting -> serving -> draining -> gone.
 *
 * SIGTERM and SIGINT drain, also while it is still starting: exit 0 when everything stopped in order, 1 when that took
 * longer than `exitWithinMs`. A second signal exits at once. An error nobody handled is logged and ends the process:
 * what it leaves behind is what a kill -9 leaves behind, and that is recovered from.
 */
import type { System } from "../compose/system.js";
import type { Settings } from "../settings/index.js";
import { createLog } from "../telemetry/log.js";
import { describeFailure } from "./failure.js";

const exitWithinMs = 10_000;
/** npm and a terminal both pass Ctrl-C on: what arrives together is one wish, not two. */
const sameSignalMs = 500;
/** A start that takes longer than this is announced. */
const quietMs = 1_000;

export async function serve(
  service: string,
  settings: Settings,
  start: () => Promise<System>,
  ready: (system: System) => void,
): Promise<void> {
  const { level, format } = settings.log;
  const { log } = createLog({ level, format, service, instance: String(process.pid) });
  const crash = (event: string) => (error: unknown) => {
    log("error", { event, error });
    process.exit(1);
  };
  process.on("unhandledRejection", crash("process.rejection"));
  process.on("uncaughtException", crash("process.exception"));

  let signalledAtMs: number | undefined;
  let stopping: Promise<void> | undefined;
  const waiting = setTimeout(() => process.stderr.write("valence: starting ...\n"), quietMs);
  // Not before the signals are caught: it begins by taking the lock of the data directory.
  const starting = Promise.resolve()
    .then(start)
    .finally(() => clearTimeout(waiting));
  const drain = async (): Promise<void> => {
    setTimeout(() => {
      process.stderr.write(`valence: not everything stopped within ${exitWithinMs / 1000} s\n`);
      process.exit(1);
    }, exitWithinMs);
    try {
      await (await starting).stop();
      process.exit(0);
    } catch (error) {
      process.stderr.write(`valence: ${describeFailure(error)}\n`);
      process.exit(1);
    }
  };
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.on(signal, () => {
      if (signalledAtMs !== undefined && performance.now() - signalledAtMs > sameSignalMs) process.exit(1);
      signalledAtMs ??= performance.now();
      stopping ??= drain();
    });
  }

  const system = await starting;
  if (stopping === undefined) ready(system);
}
