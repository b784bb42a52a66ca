/** Probes and metrics of a process that has no other HTTP server, or whose other one is not for those who scrape. */
import type { Clock, Telemetry } from "../../engine/ports/index.js";
import { type Probes, probeRoutes } from "./probes.js";
import { createServer } from "./server.js";

export interface ProbeServerOptions {
  readonly port: number;
  readonly host: string;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  readonly probes: Probes;
}

/** No request to it has a body worth reading. */
const bodyBytesMax = 1_024;

/** Port 0 picks a free one. */
export async function startProbeServer({
  port,
  host,
  clock,
  telemetry,
  probes,
}: ProbeServerOptions): Promise<{ readonly url: string; close(): Promise<void> }> {
  const app = createServer({ clock, telemetry, bodyBytesMax });
  probeRoutes(app, probes);
  const url = await app.listen({ port, host });
  return { url, close: () => app.close() };
}
