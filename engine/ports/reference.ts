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

/** The operator's word about a channel. A breaker's trip is another fact and lives in the channel's process. */
export type ChannelSwitch = "open" | "draining" | "closed";

export interface ChannelFacts {
  readonly channel: string;
  readonly switch: ChannelSwitch;
  readonly methods: readonly string[];
  readonly currencies: readonly string[];
  readonly amountMinorMin: number;
  readonly amountMinorMax: number;
}

/** Rules are tried in order; the first whose `when` holds and that names a usable channel decides. */
export interface RouteRule {
  readonly name: string;
  /** CEL over the run's fields; absent means always. */
  readonly when?: string;
  readonly channels: readonly { readonly channel: string; readonly weight: number }[];
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
