/**
 * Every number that bounds the engine, with the reason it has that value. Units stand last in the name.
 * The assertions at the end relate limits to each other: a value changed alone fails at start, not at 3 a.m.
 */
export const limits = {
  /** A worker that dies leaves its messages invisible for this long; every live worker renews at a third of it. */
  leaseMs: 20_000,
  /** The longest any single step may run; a definition that asks for more does not compile. */
  stepTimeoutMsMax: 12_000,
  /** What a step gets when the definition says nothing. */
  stepTimeoutMsDefault: 5_000,
  /** Time to write the result after the slowest step has ended. */
  ackMarginMs: 3_000,
  /** After its intent is durable an owner may send for this long, and never later. */
  sendWindowMs: 8_000,
  /** How far the clocks of application and database hosts may differ before `doctor` complains. */
  clockSkewMsMax: 2_000,
  /** One run may enter stages this often, loops included; beyond it a definition or a channel is insane. */
  hopsMax: 500,
  /** Entries into one stage a definition may allow (`entriesMax`). */
  stageEntriesMax: 100,
  /** The longest a wait may last; a longer business deadline is a chain of waits. */
  waitTimeoutMsMax: 30 * 24 * 3_600_000,
  /** Deliveries of one message before it is dead-lettered and its run parked. */
  deliveriesMax: 8,
  /** In-process repeats of one step. */
  stepRetriesMax: 5,
  /** Units of work in one database statement. More gains nothing and makes one failure cost more. */
  batchUnitsMax: 256,
  /** One message body; an order is under 2 KiB. */
  messageBytesMax: 256 * 1024,
  /** Messages a bridge has accepted while its broker is away; they are kept, but more than these are not taken. */
  unsentMax: 10_000,
  /** HTTP body at the bridge. */
  bodyBytesMax: 64 * 1024,
  /** How long a signed request is good for, either side of now. */
  signatureWindowMs: 300_000,
  /** Largest amount that JSON, JavaScript and CEL all carry exactly, in minor units. */
  amountMinorMax: Number.MAX_SAFE_INTEGER,
  /** A process that could not confirm its reference data for this long refuses new orders. */
  referenceStaleMsMax: 10_000,
  /** An operator may have the channel asked about one order this often: institutions count what they are asked. */
  inquireByHandEveryMs: 10_000,
  /** A definition set (all files together). */
  definitionBytesMax: 1024 * 1024,
  /** Every module tells the registry this often that it lives and how far it got. */
  moduleBeatMs: 1_000,
  /** Without a beat for this long a module counts as dead, and its leases are taken from it. */
  moduleLostMs: 10_000,
  /**
   * A module that has work and ends none of it for this long is stuck. A call to a slow institution may take the whole
   * send window, so it is more than that; it must be told within `moduleStuckSeenMsMax`, so it is not much more.
   */
  moduleStuckMs: 8_500,
  /** An event loop that has not turned for this long is blocked: no timer fires, no lease is renewed. */
  loopBlockedMs: 5_000,
  /** A module that hangs must be known to hang after this long. */
  moduleStuckSeenMsMax: 10_000,
} as const;

/** Crashes the process when a statement that the code relies on is false: a broken invariant is never handled. */
export function invariant(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(`invariant violated: ${message}`);
}

// A lease that can expire while its owner works lets two workers move the same money.
invariant(
  limits.leaseMs > limits.stepTimeoutMsMax + limits.ackMarginMs,
  "leaseMs must outlive the slowest step and its commit",
);
// An owner that may still send when others are allowed to ask would make the answer stale.
invariant(
  limits.sendWindowMs + limits.clockSkewMsMax < limits.leaseMs,
  "a send deadline must have passed before the lease hands the message to someone else",
);
invariant(
  limits.sendWindowMs <= limits.stepTimeoutMsMax,
  "a call cannot be sent after its step has timed out",
);
invariant(
  limits.moduleStuckMs > limits.sendWindowMs && limits.moduleStuckMs > limits.stepTimeoutMsDefault,
  "a module that waits for one slow answer is not stuck",
);
invariant(
  Math.max(limits.moduleStuckMs, limits.loopBlockedMs) + limits.moduleBeatMs < limits.moduleStuckSeenMsMax,
  "whoever asks sees it at the next beat, and that must not be too late",
);
invariant(limits.moduleLostMs > 3 * limits.moduleBeatMs, "a beat or two that are late or lost are no death");
invariant(
  limits.moduleLostMs < limits.leaseMs,
  "the registry is how a death is noticed before its leases run out",
);
