/** The telemetry port on winston and prom-client. */
import type { Telemetry } from "../../engine/ports/telemetry.js";
import { createLog, type LogOptions } from "./log.js";
import { createMetrics, type Metrics } from "./metrics.js";

export { boundsOf } from "./catalogue.js";
export type { Growth } from "./growth.js";
export type { Metrics, Series } from "./metrics.js";

export type TelemetryOptions = LogOptions;

/** The port, plus what `/metrics` answers. */
export type ProcessTelemetry = Telemetry & Metrics;

/** One per process: the process metrics (memory, event loop, CPU) are part of it. */
export function createTelemetry(options: TelemetryOptions): ProcessTelemetry {
  const { service, instance } = options;
  const { log, logs } = createLog(options);
  return { log, logs, ...createMetrics({ service, instance }) };
}
