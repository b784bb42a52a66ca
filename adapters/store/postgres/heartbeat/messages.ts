/** What the main thread and the heartbeat thread say to each other, beside the board. */
import type { Beating } from "./beats.js";

export interface ThreadData {
  readonly url: string;
  /** Shown in pg_stat_activity, with `heartbeat` behind it. */
  readonly applicationName: string;
  /** That of the `BeatBoard`. */
  readonly buffer: SharedArrayBuffer;
  readonly beating: Beating;
}

export type ToThread =
  { readonly kind: "paused"; readonly paused: Beating["paused"] } | { readonly kind: "stop" };

export type FromThread =
  /** The registry does not know us: register again. */
  | { readonly kind: "unknown" }
  /** A beat could not be written; the next one is tried in its time. */
  | { readonly kind: "failed"; readonly detail: string };
