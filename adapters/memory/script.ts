/** What scripted parties have in common. */
import { strict as assert } from "node:assert";
import type { ChannelAnswer } from "../../engine/ports/channel.js";

/** The entry for a call, counted from 0; the last one repeats. */
export const nth = <T>(list: readonly T[], index: number): T => {
  const entry = list[Math.min(index, list.length - 1)];
  assert.ok(entry !== undefined, "a script says at least one thing");
  return entry;
};

/** As a driver behaves: it stops when it is told to, and then it does not know. */
export const untilAborted = (signal: AbortSignal, says: string): Promise<ChannelAnswer> =>
  new Promise((resolve) => {
    signal.addEventListener("abort", () => {
      resolve({ result: "unknown", message: "no answer", evidence: { says } });
    });
  });
