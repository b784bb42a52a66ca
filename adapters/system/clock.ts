/** The real clock and real chance. */
import { randomFillSync } from "node:crypto";
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

const bytesPerId = 16;
/** Chance is drawn for many ids at once: asking the operating system costs more than the id itself. */
const drawn = Buffer.alloc(bytesPerId * 256);
let used = drawn.length;

function drawBytes(): Uint8Array {
  if (used === drawn.length) {
    randomFillSync(drawn);
    used = 0;
  }
  used += bytesPerId;
  return drawn.subarray(used - bytesPerId, used);
}

const sequenceMax = 0x7fff_ffff;
let last = { msecs: 0, seq: sequenceMax };

/** RFC 9562, section 6.2: the counter of a millisecond begins anywhere in the lower half, so that it has room. */
function nextId(): string {
  const nowMs = Date.now();
  const random = drawBytes();
  if (nowMs > last.msecs)
    last = { msecs: nowMs, seq: (random[0]! << 22) | (random[1]! << 14) | (random[2]! << 6) };
  else if (last.seq < sequenceMax) last.seq += 1;
  else last = { msecs: last.msecs + 1, seq: 0 };
  return v7({ random, ...last });
}

/** Ids of one process are strictly ascending, also within a millisecond. */
export const systemRandom: Random = {
  id: nextId,
  fraction: () => Math.random(),
};
