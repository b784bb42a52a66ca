/** Which recorded steps answer a question about the last minutes, and how they are put together. */
import { invariant } from "../limits.js";

/** Processes record in steps of this length. Milliseconds. */
export const recordedStepMs = 5_000;

/** Stands for the system in series that belong to no process. */
export const systemInstance = "00000000-0000-0000-0000-000000000000";

/** The least and the most that can be asked for. Minutes. */
export const historyMinutes = { min: 5, max: 1_440 } as const;

export interface Span {
  readonly stepS: number;
  /** Length of one point, a multiple of the step. Seconds. */
  readonly windowS: number;
  readonly fromMs: number;
  readonly toMs: number;
}

/**
 * A step is read when it is there: processes may be a little late, and longer steps are added up once a minute, half a
 * minute after its end.
 */
const resolutions = [
  { minutesMax: 8, stepS: 5, windowS: 5, settledMs: 2_000 },
  { minutesMax: 25, stepS: 5, windowS: 15, settledMs: 2_000 },
  { minutesMax: 120, stepS: 60, windowS: 60, settledMs: 45_000 },
  { minutesMax: 600, stepS: 300, windowS: 300, settledMs: 45_000 },
  { minutesMax: historyMinutes.max, stepS: 300, windowS: 900, settledMs: 45_000 },
] as const;

for (const { stepS, windowS } of resolutions)
  invariant(windowS % stepS === 0, "a point is made of whole steps");

/** Whole points only: the last one ends where everything has been recorded. */
export function spanOf(minutes: number, nowMs: number): Span {
  const fitting = resolutions.find(({ minutesMax }) => minutes <= minutesMax);
  invariant(fitting, `a history has at most ${historyMinutes.max} minutes`);
  const { stepS, windowS, settledMs } = fitting;
  const windowMs = windowS * 1_000;
  const toMs = Math.floor((nowMs - settledMs) / windowMs) * windowMs;
  const points = Math.ceil((minutes * 60_000) / windowMs);
  return { stepS, windowS, fromMs: toMs - points * windowMs, toMs };
}
