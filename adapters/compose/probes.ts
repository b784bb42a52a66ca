/** The probes of a process, when `probes.enabled`: up before its modules, so that a start that hangs is seen. */
import { limits } from "../../engine/limits.js";
import { startProbeServer } from "../http/probe-server.js";
import type { Kernel } from "./kernel.js";
import type { Module } from "./modules/module.js";

export async function startProbes(kernel: Kernel, serving: () => boolean): Promise<Module> {
  const { settings, clock, telemetry, watch } = kernel;
  const { host, port } = settings.probes;
  const server = await startProbeServer({
    host,
    port,
    clock,
    telemetry,
    probes: {
      metrics: () => telemetry.metricsText(),
      ready: () => {
        if (!serving()) return Promise.resolve({ ready: false, why: "its modules are starting or stopping" });
        if (watch.confirmedAgoMs > limits.referenceStaleMsMax)
          return Promise.resolve({ ready: false, why: "the database does not answer" });
        return Promise.resolve({ ready: true });
      },
    },
  });
  return { name: "probes", url: server.url, stop: () => server.close() };
}
