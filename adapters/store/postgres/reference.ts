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
import { channelFacts, liveMsMax } from "../../../engine/registry/channel-facts.js";
import type { Clock } from "../../../engine/ports/clock.js";
import { readChannels } from "./channels.js";
import type { Sql } from "./database.js";
import type { VersionWatch } from "./version-watch.js";

/** What modules of channels report is asked for at most this often, and never used when older than it takes to die. */
const channelsFreshMs = 1_000;
/** Merchants kept in memory; the one loaded longest ago leaves first. */
const merchantsMax = 10_000;

interface MerchantEntry {
  readonly merchant: Merchant;
  readonly webhookSecret: string;
  readonly keys: ReadonlyMap<string, MerchantKey>;
}

interface LoadedChannels {
  readonly facts: Promise<readonly ChannelFacts[]>;
  /** Since it was asked for. */
  ageMs(): number;
}

function loadChannels(sql: Sql, clock: Clock): LoadedChannels {
  const askedAtMs = clock.monotonicMs();
  return {
    facts: readChannels(sql).then((rows) => rows.map((row) => channelFacts(row, row.reports))),
    ageMs: () => clock.monotonicMs() - askedAtMs,
  };
}

export class PostgresReference implements Reference {
  readonly #merchants = new Map<string, Promise<MerchantEntry | undefined>>();
  #routes: Promise<readonly RouteRule[]> | undefined;
  #channels: LoadedChannels | undefined;
  #refreshing = false;

  constructor(
    private readonly sql: Sql,
    private readonly watch: VersionWatch,
    private readonly clock: Clock,
  ) {
    watch.on("merchants", () => {
      this.#merchants.clear();
    });
    watch.on("routes", () => {
      this.#routes = undefined;
    });
    watch.on("channels", () => {
      this.channelsChanged();
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
      .query<{
        rules: readonly RouteRule[];
      }>("select rules from config.route_sets order by version desc limit 1")
      .then(([set]) => set?.rules ?? [])
      .catch((error: unknown) => {
        this.#routes = undefined;
        throw error;
      });
    return this.#routes;
  }

  /**
   * What was configured is never older than the version watch; what was measured is asked for again once a second, by
   * the first who wants to know, and nobody waits for that.
   */
  channels(): Promise<readonly ChannelFacts[]> {
    this.#assertFresh();
    const known = this.#channels;
    if (!known || known.ageMs() > liveMsMax) return this.#loadChannels().facts;
    if (known.ageMs() > channelsFreshMs && !this.#refreshing) this.#refreshChannels(known);
    return known.facts;
  }

  /** A switch or a breaker moved, a module came or went: whoever asks next gets what is so now. */
  channelsChanged(): void {
    this.#channels = undefined;
  }

  #loadChannels(): LoadedChannels {
    const loaded = loadChannels(this.sql, this.clock);
    this.#channels = loaded;
    loaded.facts.catch(() => {
      if (this.#channels === loaded) this.#channels = undefined;
    });
    return loaded;
  }

  /** The old picture stays in use until the new one is there. */
  #refreshChannels(known: LoadedChannels): void {
    this.#refreshing = true;
    const loading = loadChannels(this.sql, this.clock);
    void loading.facts
      .then(
        () => {
          // Told meanwhile that something changed: this may be from before.
          if (this.#channels === known) this.#channels = loading;
        },
        () => undefined,
      )
      .finally(() => {
        this.#refreshing = false;
      });
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
