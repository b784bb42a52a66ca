/** How long the next attempt has to wait after so many failures. */

const freeFailures = 5;
const firstWaitMs = 5_000;
const waitMsMax = 15 * 60_000;

/** Nothing for the first four, then 5 s, 10 s, 20 s … up to 15 min. */
export const waitAfter = (failures: number): number =>
  failures < freeFailures ? 0 : Math.min(waitMsMax, firstWaitMs * 2 ** Math.min(failures - freeFailures, 20));
