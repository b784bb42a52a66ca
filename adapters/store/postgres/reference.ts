/** Reference data from the `config` schema, cached per process and dropped when its version moves. */
import { ValenceError } from "../../../engine/errors.js";
import { limits } from "../../../engine/limits.js";
import type {
  ChannelFacts,
  Merchant,
  MerchantKey,
  Reference,
  RouteRule,
} from "../../../engine/ports/reference.js";
import type { Sql } from "./database.js";
import type { VersionWatch } from "./version-watch.js";

/** Merchants kept in memory; the one loaded longest ago leaves first. */
const merchantsMax = 10_000;

interface MerchantEntry {
  readonly merchant: Merchant;
  readonly webhookSecret: string;
  readonly keys: ReadonlyMap<string, MerchantKey>;
}

export class PostgresReference implements Reference {
  readonly #merchants = new Map<string, Promise<MerchantEntry | undefined>>();
  #routes: Promise<readonly RouteRule[]> | undefined;
  #channels: Promise<readonly ChannelFacts[]> | undefined;

  constructor(
    private readonly sql: Sql,
    private readonly watch: VersionWatch,
  ) {
    watch.on("merchants", () => {
      this.#merchants.clear();
    });
    watch.on("routes", () => {
      this.#routes = undefined;
    });
    watch.on("channels", () => {
      this.#channels = undefined;
    });
  }

  async merchant(merchantId: string): Promise<Merchant | undefined> {
    return (await this.#entry(merchantId))?.merchant;
  }

  async key(merchantId: string, keyId: string): Promise<MerchantKey | undefined> {
    return (await this.#entry(merchantId))?.keys.get(keyId);
  }

  async webhookSecret(merchantId: string): Promise<string | undefined> {
    return (await this.#entry(merchantId))?.webhookSecret;
  }

  routes(): Promise<readonly RouteRule[]> {
    this.#assertFresh();
    this.#routes ??= this.sql
      .query<{ name: string; rule: Omit<RouteRule, "name"> }>(
        "select name, rule from config.routes order by position",
      )
      .then((rows) => rows.map(({ name, rule }) => ({ name, ...rule })))
      .catch((error: unknown) => {
        this.#routes = undefined;
        throw error;
      });
    return this.#routes;
  }

  channels(): Promise<readonly ChannelFacts[]> {
    this.#assertFresh();
    this.#channels ??= this.sql
      .query<{
        channel: string;
        switch: ChannelFacts["switch"];
        facts: Omit<ChannelFacts, "channel" | "switch">;
      }>("select channel, switch, facts from config.channels order by channel")
      .then((rows) => rows.map(({ facts, ...row }) => ({ ...facts, ...row })))
      .catch((error: unknown) => {
        this.#channels = undefined;
        throw error;
      });
    return this.#channels;
  }

  #entry(merchantId: string): Promise<MerchantEntry | undefined> {
    this.#assertFresh();
    const known = this.#merchants.get(merchantId);
    if (known) return known;
    const loading = this.#load(merchantId);
    this.#merchants.set(merchantId, loading);
    // Neither a failure nor a name somebody made up is worth remembering.
    loading.then(
      (entry) => entry ?? this.#merchants.delete(merchantId),
      () => this.#merchants.delete(merchantId),
    );
    if (this.#merchants.size > merchantsMax) {
      const [oldest] = this.#merchants.keys();
      if (oldest !== undefined) this.#merchants.delete(oldest);
    }
    return loading;
  }

  async #load(merchantId: string): Promise<MerchantEntry | undefined> {
    const [row] = await this.sql.query<{
      name: string;
      status: Merchant["status"];
      businesses: readonly string[];
      webhookSecret: string;
      keys: readonly MerchantKey[] | null;
    }>(
      `select m.name, m.status, m.businesses, m.webhook_secret as "webhookSecret",
         (select json_agg(json_build_object('keyId', key_id, 'merchantId', merchant_id, 'algorithm', algorithm,
           'material', material, 'status', status)) from config.merchant_keys k where k.merchant_id = m.merchant_id) as keys
       from config.merchants m where m.merchant_id = $1`,
      [merchantId],
      "merchant",
    );
    if (!row) return undefined;
    const { name, status, businesses, webhookSecret } = row;
    return {
      merchant: { merchantId, name, status, businesses },
      webhookSecret,
      keys: new Map((row.keys ?? []).map((key) => [key.keyId, key])),
    };
  }

  #assertFresh(): void {
    const ageMs = this.watch.confirmedAgoMs;
    if (ageMs > limits.referenceStaleMsMax) {
      throw new ValenceError(
        "reference_stale",
        `reference data was last confirmed ${Math.round(ageMs)} ms ago`,
      );
    }
  }
}
