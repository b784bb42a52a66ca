/** Channels: what they are, how they do, and their switch. Polled; times are epoch milliseconds of the server. */
import type { ChangedBy } from "../shared/ReasonDialog";
import { get, post, segment } from "./client";

export type ChannelSwitch = "open" | "draining" | "closed" | "redirect";
export type WaitingPolicy = "stay" | "reroute";
export type Breaker = "closed" | "open" | "half-open";
export type Presence = "live" | "missing" | "gone";

export interface ChargesWaiting {
  readonly ready: number;
  readonly delayed: number;
  /** Handed to a module and not settled. */
  readonly inWork: number;
}

/** What is measured of charges, over the last minute or so. */
export interface ChargeFigures {
  /** Charges that ended. */
  readonly calls: number;
  /** 0 to 1; 1 while there were none. */
  readonly successRatio: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  /** Under way now. */
  readonly inFlight: number;
}

/** One module of a channel. */
export interface ChannelInstance extends ChargeFigures {
  readonly instance: string;
  readonly breaker: Breaker;
  readonly beatAgoMs: number;
}

export interface Channel extends ChargeFigures {
  readonly channel: string;
  readonly title: string;
  readonly switch: ChannelSwitch;
  readonly redirectTo?: string;
  readonly waiting: WaitingPolicy;
  readonly presence: Presence;
  readonly breaker: Breaker;
  readonly methods: readonly string[];
  readonly currencies: readonly string[];
  readonly amountMinorMin: number;
  readonly amountMinorMax: number;
  readonly weight: number;
  /** Hundredths of a per cent. */
  readonly feeBps: number;
  readonly feeMinorMin: number;
  readonly bounds: {
    readonly operations?: readonly string[];
    readonly concurrencyMax?: number;
    readonly callTimeoutMs?: number;
  };
  readonly charges: ChargesWaiting;
  readonly followUps: ChargesWaiting;
  readonly instances: readonly ChannelInstance[];
  // -- the last change of its switch; absent when nobody ever touched it
  readonly changedBy?: string;
  readonly changedAtMs?: number;
  readonly reason?: string;
}

export interface DrainStatus extends ChargesWaiting {
  readonly channel: string;
  readonly switch: ChannelSwitch;
  /** Opened, and without a result. */
  readonly openPayments: number;
  /** Nothing of the above is left, and no order chooses the channel any more. */
  readonly drained: boolean;
}

export interface SwitchChange extends ChangedBy {
  readonly switch: ChannelSwitch;
  readonly redirectTo?: string;
  readonly waiting?: WaitingPolicy;
  /** What the person saw: the API refuses when somebody else has switched it meanwhile. */
  readonly expectedSwitch: string;
}

export const listChannels = async (signal?: AbortSignal): Promise<readonly Channel[]> =>
  (await get<{ channels: readonly Channel[] }>("/channels", signal ? { signal } : {})).channels;

export const switchChannel = (channel: string, change: SwitchChange): Promise<DrainStatus> =>
  post<DrainStatus>(`/channels/${segment(channel)}/switch`, change);

export const drainStatus = (channel: string, signal: AbortSignal): Promise<DrainStatus> =>
  get<DrainStatus>(`/channels/${segment(channel)}/drain`, { signal });

/** `open`, `draining`, `closed`, or `redirect:<other>`, as the API writes it. */
export const switchText = ({
  switch: position,
  redirectTo,
}: Pick<Channel, "switch" | "redirectTo">): string =>
  redirectTo === undefined ? position : `${position}:${redirectTo}`;

/** Orders may choose it now: what routing asks before it looks at the order. */
export const takesOrders = (channel: Pick<Channel, "switch" | "presence" | "breaker">): boolean =>
  channel.switch === "open" && channel.presence === "live" && channel.breaker === "closed";
