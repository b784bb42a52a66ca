/** A driver behind its bulkhead: bounded concurrency and a circuit breaker, so that one channel cannot sink another. */
import type { BreakerState, ChannelDriver, ChannelStats } from "../../engine/ports/channel.js";

export interface GuardedDriver extends ChannelDriver {
  /** Anything but `closed`: charges and refunds are answered `notSent` at once. */
  readonly breaker: BreakerState;
  /** Calls `listener` at every change, with the new state; the result unsubscribes. */
  onBreaker(listener: (state: BreakerState) => void): () => void;
  stats(): ChannelStats;
}
