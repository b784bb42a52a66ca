/** Where routing rules and channel switches are kept, and what operators may do to them. Every change is audited. */
import type { ChannelManifest } from "./channel.js";
import type { ChannelFacts, ChannelSwitch, RouteRule, WaitingPolicy } from "./reference.js";

/** All rules together; one set is in force, every older one stays readable. */
export interface RouteSet {
  /** Grows by one with every change. */
  readonly version: number;
  readonly rules: readonly RouteRule[];
  readonly author: string;
  readonly reason: string;
  readonly activatedAtMs: number;
}

export interface RouteStore {
  active(): Promise<RouteSet | undefined>;
  /** Newest first. */
  history(limit: number): Promise<readonly RouteSet[]>;
  version(version: number): Promise<RouteSet | undefined>;
  /**
   * Puts rules in force, with an audit line, in one commit. `expectedVersion` is the version the author started from.
   * @returns false when somebody else changed them meanwhile: nothing was changed.
   */
  activate(set: Pick<RouteSet, "rules" | "author" | "reason">, expectedVersion: number): Promise<boolean>;
}

export interface SwitchChange {
  readonly channel: string;
  readonly switch: ChannelSwitch;
  /** With `redirect` only. */
  readonly redirectTo?: string;
  /** Absent: as it was. */
  readonly waiting?: WaitingPolicy;
  /**
   * What the author saw it stand at: `open`, `draining`, `closed` or `redirect:<other>`. If it stands at something
   * else by now nothing is changed. Absent: whatever it stands at.
   */
  readonly expectedSwitch?: string;
  readonly author: string;
  readonly reason: string;
}

/** Bounds of a channel that routing does not look at; those of older modules lack what was added later. */
export type ChannelBounds = Partial<
  Pick<ChannelManifest, "operations" | "concurrencyMax" | "callTimeoutMs" | "breaker">
>;

/** A channel as operators see it. */
export interface ChannelState extends ChannelFacts {
  readonly title: string;
  readonly bounds: ChannelBounds;
  /** Charges its figures are made of. */
  readonly calls: number;
  /** The last change of its switch; absent when nobody ever touched it. */
  readonly changedBy?: string;
  readonly changedAtMs?: number;
  readonly reason?: string;
  readonly instances: readonly ChannelInstance[];
}

/** One module of a channel, as it last reported. */
export interface ChannelInstance {
  readonly instance: string;
  readonly breaker: ChannelFacts["breaker"];
  /** Charges that ended lately; what follows is about them. */
  readonly calls: number;
  readonly successRatio: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly inFlight: number;
  readonly beatAgoMs: number;
}

/** Charges of a channel that were queued and have no result yet. */
export interface ChargesWaiting {
  /** Including those on their way to the broker. */
  readonly ready: number;
  readonly delayed: number;
  /** Handed to a module and not settled. */
  readonly inWork: number;
}

/** What still has to happen in a channel before it is empty. */
export interface DrainStatus extends ChargesWaiting {
  readonly channel: string;
  readonly switch: ChannelSwitch;
  /** Payments of the channel that were opened and have no result. */
  readonly openPayments: number;
  /** Nothing of the above is left, and no order chooses the channel any more. */
  readonly drained: boolean;
}

export interface ChannelAdmin {
  channels(): Promise<readonly ChannelState[]>;
  /**
   * @throws ValenceError `channel_unknown`; `redirect_invalid` when the target is the channel itself, unknown, or leads
   *   back to it; `switch_superseded` when it does not stand at `expectedSwitch`, with who set it to what and when
   */
  switchTo(change: SwitchChange): Promise<void>;
  /** Payments of the channel that were opened and have no result. */
  openPayments(channel: string): Promise<number>;
  /**
   * Whether a charge of this channel was begun and has no result: its process died. It is found out about by whoever
   * takes its message next.
   */
  hasOpenIntents(channel: string): Promise<boolean>;
}
