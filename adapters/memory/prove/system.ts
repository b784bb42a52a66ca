/**
 * The system a flow is proved on: one process at a time on a database and a bus in memory, under a virtual clock.
 * There are two: messages lie in the database, or on a broker beside it.
 */
import type { OutgoingMessage } from "../../../engine/ports/bus.js";
import type { RowReader } from "../../../engine/ports/store.js";
import type { CrashContext, CrashPoint } from "../../../engine/runtime/crash-points.js";
import type { SeededRandom, VirtualClock } from "../clock.js";
import type { MemoryDatabase } from "../database.js";
import type { MemoryPorts } from "../host.js";
import type { Production } from "./production.js";

export interface SystemOptions {
  readonly clock: VirtualClock;
  readonly production: Production;
  readonly ports: (rows: RowReader) => MemoryPorts;
  /** True: the process dies here. */
  readonly dies: (point: CrashPoint, context: CrashContext) => boolean;
}

export interface System {
  readonly random: SeededRandom;
  readonly database: MemoryDatabase;
  /** Every message that was ever in the bus, as it was published. */
  readonly seen: ReadonlyMap<string, OutgoingMessage>;
  /** Its process has died, or none was ever started. */
  readonly dead: boolean;
  /** When something will happen by itself, epoch milliseconds. Undefined: never. */
  readonly nextMs: number | undefined;
  /** Messages that nobody is done with. */
  readonly left: number;
  /** Starts a process; the one before it, if it lives, is killed. */
  boot(): Promise<void>;
  publish(messages: readonly OutgoingMessage[]): Promise<void>;
  /** Everything that can happen now happens, timers that are due included. */
  settle(): Promise<void>;
}

/** When every play begins. */
export const startMs = Date.parse("2026-03-01T10:00:00Z");
/** Timers that are moved to the bus at once. */
export const timersMax = 500;
