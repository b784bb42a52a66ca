/** What the harness and the load process say to each other over node's IPC channel. */

/**
 * `closed`: so many orders in flight, the next one leaves when one has ended. `open`: orders leave at a given rate,
 * whatever becomes of them.
 */
export type Pace =
  | { readonly kind: "closed"; readonly inFlight: number }
  | { readonly kind: "open"; readonly perSecond: number };

export interface Phase {
  /** Of the contestant's order API. */
  readonly baseUrl: string;
  readonly pace: Pace;
  /** About how many orders a second will leave: so many are signed before the load begins. */
  readonly expectedPerSecond: number;
  /** Load before the window, not counted in rate and latency. */
  readonly rampMs: number;
  readonly windowMs: number;
  /** How long what is still under way at the end of the window may take before it counts as missing. */
  readonly drainMsMax: number;
}

export type ToLoad = { readonly kind: "run"; readonly phase: Phase } | { readonly kind: "stop" };

/** Every order of a phase, ramp included. Anything but zero in the last six is a failure of the contestant. */
export interface Account {
  readonly sent: number;
  /** Answered 2xx. */
  readonly accepted: number;
  readonly notified: number;
  /** Charges executed at the channel. */
  readonly charged: number;
  /** Accepted, and not notified until the end of the drain. */
  readonly missing: number;
  /** Notified more than once. */
  readonly notifiedTwice: number;
  /** A payment id charged more than once. */
  readonly chargedTwice: number;
  /** Notified as anything but paid, or with another amount. */
  readonly wrong: number;
  /** Calls and notifications whose signature did not hold or that could not be read. */
  readonly forged: number;
  /** Neither answered nor failed until the end of the drain. */
  readonly unanswered: number;
}

export interface LoadReport {
  /** Payments whose notification arrived within the window, per second of it. */
  readonly paymentsPerSecond: number;
  /** From sending the order (at an open pace: from when it was due) to the arrival of its notification. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  /** Of the whole phase, ramp and drain included. */
  readonly elapsedMs: number;
  readonly account: Account;
  /** Orders that were refused or got no answer, by kind: `503 overloaded`, `UND_ERR_SOCKET`. */
  readonly errors: Readonly<Record<string, number>>;
}

export type FromLoad =
  | { readonly kind: "listening"; readonly channelUrl: string; readonly notifyUrl: string }
  | { readonly kind: "done"; readonly report: LoadReport };
