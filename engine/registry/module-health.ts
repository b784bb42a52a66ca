/**
 * Is a module well? Decided from what it last told and from what waits for it, by nobody but this function.
 *
 *     lost    no beat for `moduleLostMs`: the process is dead, stopped or cut off from the database
 *     stuck   it beats, but its event loop does not turn, or it has work and has ended none for `moduleStuckMs`
 *     idle    nothing waits, nothing is under way, nothing ended just now
 *     live    otherwise
 *
 * "Has work" is counted from when there was some: a message that arrives after an hour of silence does not find a
 * module that has not moved for an hour. Only an end counts as movement: starting one message after the other
 * without ever finishing is how a hang looks from outside while permits last.
 */
import { limits } from "../limits.js";
import type { QueueDepth } from "../ports/bus.js";
import type { ModuleHealth, ModuleProgress, ModuleRecord } from "../ports/modules.js";
import { covers } from "./served.js";

/** Messages that could be taken and are not. */
export interface Waiting {
  readonly queue: string;
  readonly ready: number;
  /** How long the oldest has been ready. */
  readonly oldestMs: number;
}

export interface ModuleSigns {
  readonly beatAgoMs: number;
  readonly progress: ModuleProgress;
  /** In the queues it serves and has not paused. */
  readonly waiting: readonly Waiting[];
}

const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;

export function moduleHealth({ beatAgoMs, progress, waiting }: ModuleSigns): ModuleHealth {
  if (beatAgoMs > limits.moduleLostMs) return { state: "lost", why: `no beat for ${seconds(beatAgoMs)}` };
  const { inFlight, oldestInFlightMs, movedAgoMs, loopTurnAgoMs, consumed } = progress;
  if (loopTurnAgoMs > limits.loopBlockedMs)
    return { state: "stuck", why: `its event loop has not turned for ${seconds(loopTurnAgoMs)}` };
  const held = waiting.filter(({ ready }) => ready > 0);
  const [oldest] = [...held].sort((a, b) => b.oldestMs - a.oldestMs);
  const busyMs = Math.max(inFlight > 0 ? oldestInFlightMs : 0, oldest?.oldestMs ?? 0);
  const stalledMs = Math.min(movedAgoMs, busyMs);
  if (stalledMs > limits.moduleStuckMs) {
    const facts = [
      ...(inFlight > 0 ? [`${inFlight} under way, the oldest for ${seconds(oldestInFlightMs)}`] : []),
      ...held.map(({ queue, ready, oldestMs }) => `${ready} wait in ${queue}, up to ${seconds(oldestMs)}`),
    ];
    return { state: "stuck", why: `nothing has ended for ${seconds(stalledMs)}: ${facts.join("; ")}` };
  }
  const justMoved = consumed > 0 && movedAgoMs <= 2 * limits.moduleBeatMs;
  const isIdle = inFlight === 0 && held.length === 0 && !justMoved;
  return { state: isIdle ? "idle" : "live", why: "" };
}

/** What waits for one module, out of what waits at all. */
export const waitingFor = (
  { queues, paused }: Pick<ModuleRecord, "queues" | "paused">,
  waiting: readonly Waiting[],
): readonly Waiting[] =>
  waiting.filter(({ queue }) => queues.some((served) => covers(served, queue)) && !paused.includes(queue));

/**
 * Depths as what waits. A broker that does not know the age of a message (`oldestReadyMs` 0) would hide a queue that
 * stands still, so the age is at least the time for which the queue has been seen with something in it.
 */
export class WaitingWatch {
  readonly #sinceMs = new Map<string, number>();

  /** `nowMs`: monotonic. */
  look(depths: readonly QueueDepth[], nowMs: number): readonly Waiting[] {
    const held = depths.filter(({ ready }) => ready > 0);
    for (const queue of this.#sinceMs.keys())
      if (!held.some((depth) => depth.queue === queue)) this.#sinceMs.delete(queue);
    return held.map(({ queue, ready, oldestReadyMs }) => {
      const sinceMs = this.#sinceMs.get(queue) ?? nowMs;
      this.#sinceMs.set(queue, sinceMs);
      return { queue, ready, oldestMs: oldestReadyMs > 0 ? oldestReadyMs : nowMs - sinceMs };
    });
  }
}
