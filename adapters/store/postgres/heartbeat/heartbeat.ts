/**
 * The main thread's side of the heartbeat. On a server the beats are written by a thread of their own (thread.ts). The
 * embedded database lives in the main thread itself and has one session: there the main thread beats, and a blocked
 * event loop shows as nothing at all. Nobody else could look at that database anyway.
 */
import { Worker } from "node:worker_threads";
import { limits } from "../../../../engine/limits.js";
import type { Clock } from "../../../../engine/ports/clock.js";
import type { Telemetry } from "../../../../engine/ports/telemetry.js";
import type { Database } from "../database.js";
import { type BeatBoard, steadyMs } from "./board.js";
import { type Beating, Beats } from "./beats.js";
import type { FromThread, ThreadData, ToThread } from "./messages.js";

export interface HeartbeatOptions {
  readonly database: Database;
  readonly url: string;
  readonly applicationName: string;
  readonly board: BeatBoard;
  readonly beating: Beating;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  /** The registry does not know this process any more: it lives and registers again. */
  readonly unknown: () => Promise<void>;
}

export interface Heartbeat {
  /** Queues not taken from now, by module; told with every beat from here on. */
  paused(queues: Beating["paused"]): void;
  /** No beat is written any more when it resolves. */
  stop(): Promise<void>;
}

/** A thread that died comes again after this long. Below `moduleLostMs`, or its death would look like ours. */
const restartMs = 1_000;
/** How long a thread that was told to stop may take to close its connection. */
const stopMsMax = 1_000;

export const startHeartbeat = (options: HeartbeatOptions): Heartbeat =>
  options.database.embedded ? beatHere(options) : new HeartbeatThread(options);

/** Written from the main thread. */
function beatHere({ database, board, beating, clock, telemetry, unknown }: HeartbeatOptions): Heartbeat {
  const beats = new Beats(database.pool, board, steadyMs);
  let current = beating;
  let stopped = false;
  let cancel: () => void = () => undefined;
  let underWay: Promise<void> = Promise.resolve();
  const beat = async (): Promise<void> => {
    try {
      if (!(await beats.beat(current))) await unknown();
    } catch (error) {
      telemetry.log("warn", { event: "heartbeat.failed", detail: String(error) });
    }
    if (!stopped) {
      cancel = clock.after(limits.moduleBeatMs, () => {
        underWay = beat();
      });
    }
  };
  underWay = beat();
  return {
    paused: (paused) => {
      current = { ...current, paused };
    },
    stop: async () => {
      stopped = true;
      cancel();
      await underWay;
    },
  };
}

class HeartbeatThread implements Heartbeat {
  #paused: Beating["paused"];
  #thread: Worker;
  #stopped = false;
  #cancelRestart: () => void = () => undefined;

  constructor(private readonly options: HeartbeatOptions) {
    this.#paused = options.beating.paused;
    this.#thread = this.#start();
  }

  paused(paused: Beating["paused"]): void {
    this.#paused = paused;
    this.#tell({ kind: "paused", paused });
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancelRestart();
    const thread = this.#thread;
    const gone = new Promise<void>((resolve) => thread.once("exit", () => resolve()));
    // The threadId of a thread that has ended is -1.
    if (thread.threadId === -1) return;
    this.#tell({ kind: "stop" });
    const cancel = this.options.clock.after(stopMsMax, () => void thread.terminate());
    await gone;
    cancel();
  }

  #tell(message: ToThread): void {
    this.#thread.postMessage(message);
  }

  #start(): Worker {
    const { url, applicationName, board, beating, clock, telemetry, unknown } = this.options;
    const workerData: ThreadData = {
      url,
      applicationName,
      buffer: board.buffer,
      beating: { ...beating, paused: this.#paused },
    };
    const thread = new Worker(new URL("./thread.js", import.meta.url), { workerData, execArgv: [] });
    // It serves the process; it is no reason for the process to go on.
    thread.unref();
    thread.on("message", (message: FromThread) => {
      if (message.kind === "failed") {
        telemetry.log("warn", { event: "heartbeat.failed", detail: message.detail });
      } else if (!this.#stopped) {
        void unknown().catch((error: unknown) => {
          telemetry.log("warn", { event: "heartbeat.failed", detail: String(error) });
        });
      }
    });
    thread.on("error", (error: unknown) => {
      telemetry.log("error", { event: "heartbeat.died", error });
    });
    thread.on("exit", (code) => {
      if (this.#stopped) return;
      telemetry.log("error", { event: "heartbeat.ended", code, againInMs: restartMs });
      this.#cancelRestart = clock.after(restartMs, () => {
        this.#thread = this.#start();
      });
    });
    return thread;
  }
}
