import type { Clock, Random } from "../../../engine/ports/clock.js";
import type { Telemetry } from "../../../engine/ports/telemetry.js";

/** What every part of the adapter is handed. */
export interface Surroundings {
  readonly clock: Clock;
  readonly random: Random;
  readonly telemetry: Telemetry;
}

export interface AmqpBrokerOptions extends Surroundings {
  /** `amqp://user:password@host:port/vhost`, or `amqps:`. A `heartbeat` (seconds) in its query wins over `heartbeatMs`. */
  readonly url: string;
  /** Begins the name of every queue and exchange, so that several systems can share a broker. Default `valence`. */
  readonly namespace?: string;
  /** Names this process to the people who look at the broker; unique among the processes that run. */
  readonly instance: string;
  /**
   * A connection over which nothing was heard for two to three times as long is given up. Whole seconds are
   * negotiated. Too short: a busy event loop looks like a dead process. Default 10 s.
   */
  readonly heartbeatMs?: number;
  /** The longest one attempt to connect may take, handshake included. Default 10 s. */
  readonly connectMsMax?: number;
  /** A send without an answer rejects after it: no majority, no disk, a memory alarm. Default 15 s. */
  readonly sendMsMax?: number;
  /** The longest `close` takes; what has not answered by then is cut. Default 5 s. */
  readonly closeMsMax?: number;
}

export const defaults = {
  namespace: "valence",
  heartbeatMs: 10_000,
  connectMsMax: 10_000,
  sendMsMax: 15_000,
  closeMsMax: 5_000,
} as const;
