/** Depths of all queues: what the broker has, what the outbox holds back, what died. */
import type { Broker } from "../ports/broker.js";
import type { QueueDepth } from "../ports/bus.js";
import type { Outbox } from "../ports/outbox.js";
import type { HeldMessages } from "./held.js";
import { brokerQueue, queueOf } from "./names.js";

type Counts = Omit<QueueDepth, "queue">;

const none: Counts = { ready: 0, delayed: 0, leased: 0, dead: 0, oldestReadyMs: 0 };

/** Queues with nothing in them are left out. @throws ValenceError `broker_unreachable` */
export async function depthsOf(
  broker: Broker,
  outbox: Outbox,
  dead: readonly { readonly queue: string; readonly dead: number }[],
  held: HeldMessages,
): Promise<readonly QueueDepth[]> {
  const depths = new Map<string, Counts>();
  const add = (queue: string, counts: Partial<Counts>): void => {
    const known = depths.get(queue) ?? none;
    const sum = (key: keyof Counts): number => known[key] + (counts[key] ?? 0);
    depths.set(queue, {
      ready: sum("ready"),
      delayed: sum("delayed"),
      leased: sum("leased"),
      dead: sum("dead"),
      oldestReadyMs: 0,
    });
  };
  // What is on its way to the broker is ready as far as anybody waiting for it is concerned.
  for (const { queue, unsent, delayed } of await outbox.depths()) add(queue, { ready: unsent, delayed });
  for (const each of dead) add(each.queue, { dead: each.dead });
  const names = new Set([...(await outbox.queues()), ...(await broker.queues()).map(queueOf)]);
  const found = await Promise.all(
    [...names].flatMap((queue) =>
      [queue, brokerQueue(queue, "high")].map(async (name) => ({ queue, depth: await broker.depth(name) })),
    ),
  );
  for (const { queue, depth } of found)
    if (depth) add(queue, { ready: depth.ready, leased: depth.unsettled ?? 0 });
  if (!broker.traits.countsUnsettled)
    for (const { source } of held.all()) add(queueOf(source), { leased: 1 });
  return [...depths]
    .filter(([, counts]) => counts.ready + counts.delayed + counts.leased + counts.dead > 0)
    .map(([queue, counts]) => ({ queue, ...counts }))
    .sort((a, b) => (a.queue < b.queue ? -1 : 1));
}
