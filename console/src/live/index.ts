/** Live data by server-sent events, with a visible state when they stop. */
export { LiveBadge } from "./LiveBadge";
export { type Live, LiveProvider, useLive, useLiveEvent, useLiveStatus } from "./LiveProvider";
export { StaleFrame } from "./StaleFrame";
export type { LiveState, LiveStatus } from "./stream";
