/** Reference data: small, read on every run, cached per process and confirmed against a version twice a second. */

export interface Merchant {
  readonly merchantId: string;
  readonly name: string;
  readonly status: "active" | "frozen";
  /** Businesses opened for the merchant; an order names one. */
  readonly businesses: readonly string[];
}

export interface MerchantKey {
  readonly keyId: string;
  readonly merchantId: string;
  readonly algorithm: "hmac-sha256" | "rsa-sha256";
  /** HMAC: the shared secret as UTF-8 text. RSA: the public key as PEM. */
  readonly material: string;
  readonly status: "active" | "revoked";
}

/**
 * The operator's word about a channel. `open`: orders may choose it. `draining`: none does any more, what is queued is
 * sent. `closed`: nothing is sent. `redirect`: what would be sent goes through another channel. Follow-up work
 * (inquiries, callbacks) runs in every one of them.
 */
export type ChannelSwitch = "open" | "draining" | "closed" | "redirect";

/**
 * What happens to orders that wait unsent in the queue of a channel that cannot send them. `stay`: they wait for it.
 * `reroute`: another channel takes those it can take, the others wait.
 */
export type WaitingPolicy = "stay" | "reroute";

/**
 * `live`: one of its modules has said so within seconds. `missing`: its last module went without a word, less than a
 * minute ago; it may be on its way back. `gone`: it stopped in order, never started, or has been missing too long.
 */
export type ChannelPresence = "live" | "missing" | "gone";

/** What is known about a channel: its manifest, what operators want of it, and what its modules have measured. */
export interface ChannelFacts {
  readonly channel: string;
  readonly switch: ChannelSwitch;
  /** Another channel; with the switch on `redirect` only. */
  readonly redirectTo?: string;
  readonly waiting: WaitingPolicy;
  readonly presence: ChannelPresence;
  /** `closed` as long as one live module's breaker is. Another fact than the switch: no operator has a say in it. */
  readonly breaker: "closed" | "open" | "half-open";
  // -- the manifest
  readonly methods: readonly string[];
  readonly currencies: readonly string[];
  readonly amountMinorMin: number;
  readonly amountMinorMax: number;
  /** Its share where a rule names no weight. */
  readonly weight: number;
  /** Hundredths of a per cent of the amount, and the least it costs in minor units. */
  readonly feeBps: number;
  readonly feeMinorMin: number;
  // -- measured by its live modules over the last minute or so
  /** Of charges that came to an end, 0 to 1; 1 while there were none. */
  readonly successRatio: number;
  /** Latency of a charge, 0 while there were none. */
  readonly p50Ms: number;
  readonly p95Ms: number;
  /** Charges under way. */
  readonly inFlight: number;
}

/** A channel a rule proposes. */
export interface RouteTarget {
  /** A channel's name, or `*`: every registered channel this rule does not name. */
  readonly channel: string;
  /** Share among the usable channels of the rule; default: the channel's own weight. */
  readonly weight?: number;
  /** CEL over the run's fields and the channel's facts (`channel.feeBps`); absent means always. */
  readonly where?: string;
}

/** Rules are tried in order; the first whose `when` holds and that names a usable channel decides. */
export interface RouteRule {
  readonly name: string;
  /** CEL over the run's fields; absent means always. */
  readonly when?: string;
  readonly channels: readonly RouteTarget[];
}

/**
 * Every call throws `reference_stale` when the data could not be confirmed for `limits.referenceStaleMsMax`.
 */
export interface Reference {
  merchant(merchantId: string): Promise<Merchant | undefined>;
  key(merchantId: string, keyId: string): Promise<MerchantKey | undefined>;
  /** Standard Webhooks secret (`whsec_...`) of a merchant. */
  webhookSecret(merchantId: string): Promise<string | undefined>;
  routes(): Promise<readonly RouteRule[]>;
  channels(): Promise<readonly ChannelFacts[]>;
}
