/** The real clock and real chance. */
import { v7 } from "uuid";
import type { Clock, Random } from "../../engine/ports/clock.js";

/** Above this `setTimeout` fires at once instead of late (it counts in 32 bits); a wait may last 30 days. */
const timerMsMax = 2 ** 31 - 1;

/** A pending `after` keeps the process alive: what is due is not forgotten because nothing else happens. */
function after(delayMs: number, callback: () => void): () => void {
  let timer: NodeJS.Timeout;
  const wait = (remainingMs: number): void => {
    const stretchMs = Math.min(remainingMs, timerMsMax);
    timer = setTimeout(
      () => (remainingMs > stretchMs ? wait(remainingMs - stretchMs) : callback()),
      stretchMs,
    );
  };
  wait(delayMs);
  return () => clearTimeout(timer);
}

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  after,
};

/** Ids of one process are strictly ascending, also within a millisecond. */
export const systemRandom: Random = {
  id: () => v7(),
  fraction: () => Math.random(),
};
