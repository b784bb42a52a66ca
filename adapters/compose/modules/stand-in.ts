/**
 * Flow workers stand in for channels that send nothing: charges that wait there and may go elsewhere are taken from
 * the channel's queue and led on, before any intent. A stand-in has no driver, so it can send nothing itself.
 */
import { needsStandIn } from "../../../engine/registry/confirm.js";
import { channelQueues } from "./queues.js";
import type { Kernel } from "../kernel.js";
import { repeatEvery } from "../repeat.js";

/** How soon a channel that died is noticed here, beside what makes it count as missing. Milliseconds. */
const lookMs = 1_000;

export interface StandIns {
  /** Queues of charges to look after now. */
  queues(): readonly string[];
  stop(): void;
}

export async function watchStandIns(kernel: Kernel): Promise<StandIns> {
  const { reference, clock, telemetry } = kernel;
  let current: readonly string[] = [];
  const look = async (): Promise<void> => {
    const all = await reference.channels();
    const next = all.filter((facts) => needsStandIn(facts, all)).map(({ channel }) => channel);
    if (next.join() !== current.join()) telemetry.log("info", { event: "flow.stands-in", channels: next });
    current = next;
  };
  await look();
  const unsubscribe = kernel.onConfigChanged(() => void look().catch(() => undefined));
  const stopLooking = repeatEvery(clock, lookMs, look);
  return {
    queues: () => current.map((channel) => channelQueues(channel).charges),
    stop: () => {
      unsubscribe();
      stopLooking();
    },
  };
}
