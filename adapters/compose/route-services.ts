/** What the admin API serves about channels and routing rules, on this process's kernel. */
import { ValenceError } from "../../engine/errors.js";
import { deriveId } from "../../engine/ids.js";
import type { ChargesWaiting, DrainStatus, QueueDepth } from "../../engine/ports/index.js";
import type { RouteCheck } from "../../engine/registry/route-check.js";
import { type TrialOrder, tryRules } from "../../engine/registry/route-trial.js";
import { routeVocabulary } from "../../engine/registry/route-vocabulary.js";
import { chooseRoute } from "../../engine/registry/routing.js";
import type { RoutesResult } from "../../engine/registry/routes.js";
import type { DefinitionFile } from "../../engine/schema/definitions.js";
import type { RouteServices, RouteTrial, TrialOrders, TrialResult } from "../http/admin/route-services.js";
import { recordedOrders } from "../store/postgres/recorded-orders.js";
import { channelQueues } from "./modules/queues.js";
import type { Kernel } from "./kernel.js";
import type { SystemView } from "./system-view.js";

/** Versions of the rules shown at a time. */
const historyMax = 200;

export function routeServices(kernel: Kernel, view: SystemView): RouteServices {
  const { routes, channelAdmin, reference, telemetry, random, catalogue } = kernel;
  const inForce = async (result: RoutesResult): Promise<RoutesResult> => {
    if (result.applied) await kernel.configChanged();
    return result;
  };
  return {
    channels: async () => {
      const [states, { queues }] = await Promise.all([channelAdmin.channels(), view.look()]);
      const waiting = waitingIn(queues);
      return states.map((state) => ({
        ...state,
        charges: waiting(channelQueues(state.channel).charges),
        followUps: waiting(channelQueues(state.channel).follow),
      }));
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
    rollbackRules: async (by, to, expectedVersion) => inForce(await routes.rollback(by, to, expectedVersion)),
    tryRoute: async (trial) => {
      const { fields, wanted } = sampleOrder(trial, 0);
      const [rules, channels] = await Promise.all([reference.routes(), reference.channels()]);
      return chooseRoute({ rules, channels, fields, without: [], wanted, key: random.id() });
    },
    tryRules: (file, orders) => tryOn(kernel, file, orders),
    vocabulary: async () => {
      const types = catalogue.types().map(({ type }) => type);
      return routeVocabulary(await reference.channels(), types);
    },
  };
}

async function tryOn(
  { routes, reference, database }: Kernel,
  file: DefinitionFile | undefined,
  orders: TrialOrders,
): Promise<TrialResult> {
  const active = await routes.active();
  const inForce = active?.rules ?? [];
  const check: RouteCheck = file === undefined ? { ok: true, rules: inForce } : await routes.check(file);
  if (!check.ok) return check;
  const [channels, tried] = await Promise.all([
    reference.channels(),
    "last" in orders ? recordedOrders(database.pool, orders.last) : orders.map(sampleOrder),
  ]);
  const report = tryRules({ inForce, proposed: check.rules, channels, orders: tried });
  return { ok: true, version: active?.version ?? 0, ...report };
}

/** The same samples are decided alike every time. */
const sampleOrder = ({ channel, ...order }: RouteTrial, index: number): TrialOrder => ({
  orderId: deriveId("sample", String(index)),
  fields: { method: "", business: "", ...order },
  ...(channel === undefined ? {} : { wanted: channel }),
});

function waitingIn(queues: readonly QueueDepth[]): (queue: string) => ChargesWaiting {
  const depths = new Map(queues.map((depth) => [depth.queue, depth]));
  return (queue) => {
    const { ready = 0, delayed = 0, leased: inWork = 0 } = depths.get(queue) ?? {};
    return { ready, delayed, inWork };
  };
}

async function drainStatus(kernel: Kernel, channel: string): Promise<DrainStatus> {
  const { channelAdmin } = kernel;
  const state = (await channelAdmin.channels()).find((each) => each.channel === channel);
  if (!state) throw new ValenceError("channel_unknown", `there is no channel ${channel}`);
  // Asked now, the payments last: what leaves the queue between the two looks is seen among them.
  const charges = waitingIn(await kernel.bus.depths())(channelQueues(channel).charges);
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
