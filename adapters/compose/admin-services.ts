/** The admin API's services on this process's kernel. */
import type { AdminServices } from "../http/admin/services.js";
import type { Kernel } from "./kernel.js";

/** Dead letters shown at a time. */
const deadLettersMax = 200;

export function adminServices(kernel: Kernel, token: string): AdminServices {
  const { definitions, catalogue, registry, bus, telemetry } = kernel;
  return {
    token,
    check: (files) => definitions.check(files),
    apply: async (files, by) => {
      const result = await definitions.apply(files, by);
      if (result.applied) await kernel.configChanged();
      return result;
    },
    rollback: async (flow, by) => {
      const result = await definitions.rollback(flow, by);
      if (result.applied) await kernel.configChanged();
      return result;
    },
    flows: () => definitions.list(),
    planOf: (type) => catalogue.type(type)?.plan,
    modules: () => registry.live(),
    queues: () => bus.depths(),
    deadLetters: (queue) => bus.deadLetters(queue, deadLettersMax),
    replay: async (queue, messageIds, { author, reason }) => {
      const count = await bus.replay(queue, messageIds);
      telemetry.log("info", { event: "dead-letters.replayed", queue, count, author, reason });
      return count;
    },
  };
}
