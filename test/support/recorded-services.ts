/** Services of the admin API that change nothing: what would be changed is written down. For tests of its HTTP side. */
import type { OrderServices } from "../../adapters/http/admin/order-services.js";
import type { QueueServices } from "../../adapters/http/admin/queue-services.js";
import type { RouteServices } from "../../adapters/http/admin/route-services.js";
import { ValenceError } from "../../engine/errors.js";
import { checkRoutes } from "../../engine/registry/route-check.js";
import { tryRules } from "../../engine/registry/route-trial.js";
import { routeVocabulary } from "../../engine/registry/route-vocabulary.js";

/** Channels `alpha` and `beta`; beta is drained. */
export function recordedRouting(changes: unknown[]): RouteServices {
  const known = ["alpha", "beta"];
  const set = { version: 3, rules: [], author: "ann", reason: "test", activatedAtMs: 0 };
  return {
    channels: async () => [],
    switchTo: async (change) => {
      if (!known.includes(change.channel)) throw new ValenceError("channel_unknown", change.channel);
      changes.push(["switch", change]);
    },
    drainStatus: async (channel) => ({
      ...{ channel, switch: "draining", ready: 0, delayed: 0, inWork: 0, openPayments: 0, drained: true },
    }),
    rules: async () => set,
    ruleHistory: async () => [set],
    checkRules: async (file) => checkRoutes(file, known),
    applyRules: async (file, author, expectedVersion) => {
      const result = checkRoutes(file, known);
      if (!result.ok) return { applied: false, code: "rules_unsound", diagnostics: result.diagnostics };
      changes.push(["rules", result.rules.length, author, expectedVersion]);
      return { applied: true, version: 4 };
    },
    rollbackRules: async (author, to, expectedVersion) => {
      changes.push(["rules back", author, to, expectedVersion]);
      return { applied: true, version: 4 };
    },
    tryRoute: async ({ amount }) => ({ chosen: false, why: `no channel for ${amount}`, passedOver: [] }),
    tryRules: async (file, orders) => {
      const check = file === undefined ? ({ ok: true, rules: [] } as const) : checkRoutes(file, known);
      if (!check.ok) return check;
      const tried =
        "last" in orders ? [] : orders.map(({ amount }, n) => ({ orderId: `${n}`, fields: { amount } }));
      const report = tryRules({ inForce: [], proposed: check.rules, channels: [], orders: tried });
      return { ok: true, version: 3, ...report };
    },
    vocabulary: async () => routeVocabulary([], ["pay"]),
  };
}

/** What is asked for comes back as the answer; what would change something is written down. */
export function recordedQueueing(changes: unknown[]): QueueServices {
  return {
    queues: async ({ empty }) => (empty ? [{ ...emptyQueue, servedBy: [] }] : []),
    browse: async (queue) => [{ messageId: queue, type: "run", state: "ready", deliveries: 0, atMs: 1 }],
    deadLetters: async (query) => ({ deadLetters: [], next: JSON.stringify(query) }),
    deadLetter: async (queue, messageId) => {
      throw new ValenceError("not_found", `${queue} ${messageId}`);
    },
    replay: async (queue, messageIds, author) => {
      changes.push(["replay", queue, messageIds, author]);
      return messageIds?.length ?? 0;
    },
    discard: async (queue, choice, author) => {
      changes.push(["discard", queue, choice, author]);
      return 1;
    },
  };
}
const emptyQueue = {
  ...{ queue: "notify", ready: 0, delayed: 0, leased: 0, dead: 0, oldestReadyMs: 0, oldestMs: 0 },
} as const;

/** Orders nobody has, and runs that are all parked. */
export function recordedOrders(changes: unknown[]): OrderServices {
  const done = { will: "it happens", repeated: false };
  return {
    search: async (query) => {
      changes.push(["search", query]);
      return { orders: [] };
    },
    story: async () => undefined,
    act: async (orderId, { by: author, ...asked }) => {
      changes.push(["act", orderId, asked, author]);
      return { actionId: asked.actionId, action: asked.action, orderId, ...done };
    },
    release: async ({ by: author, actionId, ...asked }) => {
      changes.push(["release", asked, author]);
      return { actionId, action: "release", ...done };
    },
  };
}
