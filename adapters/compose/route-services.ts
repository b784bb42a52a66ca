/** What the admin API serves about channels and routing rules, on this process's kernel. */
import { ValenceError } from "../../engine/errors.js";
import type { ChargesWaiting, DrainStatus } from "../../engine/ports/index.js";
import { chooseRoute } from "../../engine/registry/routing.js";
import type { RoutesResult } from "../../engine/registry/routes.js";
import type { RouteServices } from "../http/admin/route-services.js";
import { channelQueues } from "./channel-module.js";
import type { Kernel } from "./kernel.js";

/** Versions of the rules shown at a time. */
const historyMax = 200;

export function routeServices(kernel: Kernel): RouteServices {
  const { routes, channelAdmin, reference, telemetry, random } = kernel;
  const inForce = async (result: RoutesResult): Promise<RoutesResult> => {
    if (result.applied) await kernel.configChanged();
    return result;
  };
  return {
    channels: async () => {
      const [states, charges] = await Promise.all([channelAdmin.channels(), chargesWaiting(kernel)]);
      return states.map((state) => ({ ...state, charges: charges(state.channel) }));
    },
    switchTo: async (change) => {
      await channelAdmin.switchTo(change);
      await kernel.configChanged();
      telemetry.log("info", { event: "channel.switched", ...change });
    },
    drainStatus: (channel) => drainStatus(kernel, channel),
    rules: () => routes.active(),
    ruleHistory: () => routes.history(historyMax),
    checkRules: (file) => routes.check(file),
    applyRules: async (file, by, expectedVersion) => inForce(await routes.apply(file, by, expectedVersion)),
    rollbackRules: async (by, to) => inForce(await routes.rollback(by, to)),
    tryRoute: async ({ channel, ...order }) =>
      chooseRoute({
        rules: await reference.routes(),
        channels: await reference.channels(),
        fields: { method: "", business: "", ...order },
        without: [],
        wanted: channel,
        key: random.id(),
      }),
  };
}

async function chargesWaiting({ bus }: Kernel): Promise<(channel: string) => ChargesWaiting> {
  const depths = new Map((await bus.depths()).map((depth) => [depth.queue, depth]));
  return (channel) => {
    const { ready = 0, delayed = 0, leased: inWork = 0 } = depths.get(channelQueues(channel).charges) ?? {};
    return { ready, delayed, inWork };
  };
}

async function drainStatus(kernel: Kernel, channel: string): Promise<DrainStatus> {
  const { channelAdmin } = kernel;
  const state = (await channelAdmin.channels()).find((each) => each.channel === channel);
  if (!state) throw new ValenceError("channel_unknown", `there is no channel ${channel}`);
  // The payments last: what leaves the queue between the two looks is seen among them.
  const charges = (await chargesWaiting(kernel))(channel);
  const openPayments = await channelAdmin.openPayments(channel);
  const left = charges.ready + charges.delayed + charges.inWork + openPayments;
  return {
    channel,
    switch: state.switch,
    ...charges,
    openPayments,
    drained: state.switch !== "open" && left === 0,
  };
}
