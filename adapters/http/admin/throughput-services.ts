/** What the admin API serves about throughput: the recorded series, and the system as it is now. */
import type { ChannelState, ModuleView, QueueDepth } from "../../../engine/ports/index.js";
import type { Bottleneck } from "../../../engine/registry/bottleneck.js";
import type { Throughput } from "../../../engine/registry/throughput.js";

export type LiveModuleView = Omit<ModuleView, "atoms">;

export type LiveChannel = Pick<
  ChannelState,
  | "channel"
  | "title"
  | "switch"
  | "redirectTo"
  | "presence"
  | "breaker"
  | "inFlight"
  | "successRatio"
  | "p50Ms"
  | "p95Ms"
>;

/** One look at the system: the event `tick` of the stream. */
export interface LiveLook {
  readonly atMs: number;
  /** Every module with its health, the lost ones included. */
  readonly modules: readonly LiveModuleView[];
  readonly queues: readonly QueueDepth[];
  readonly channels: readonly LiveChannel[];
  /** Runs that wait for a person. */
  readonly parkedRuns: number;
  readonly bottleneck: Bottleneck;
  /** The last minute in recorded steps, the newest one last. */
  readonly lastMinute: Throughput;
}

/** The event `hello`. */
export interface LiveHello {
  readonly version: string;
  /** Length of a recorded step. Seconds. */
  readonly stepS: number;
}

export interface ThroughputServices {
  readonly hello: LiveHello;
  /** @throws ValenceError, BatchError when the database or the broker does not answer */
  look(): Promise<LiveLook>;
  /** Between `historyMinutes.min` and `.max`. */
  history(minutes: number): Promise<Throughput>;
}
