/** What an operator or the demo writes into `config` outside of definitions. */
import type { ChannelManifest } from "../../../engine/ports/channel.js";
import type { RouteRule } from "../../../engine/ports/reference.js";
import type { Sql } from "./database.js";

export interface MerchantSetup {
  readonly merchantId: string;
  readonly name: string;
  readonly businesses: readonly string[];
  /** `whsec_` and base64. */
  readonly webhookSecret: string;
  readonly keyId: string;
  readonly hmacSecret: string;
}

export interface MerchantSecrets {
  readonly keyId: string;
  readonly secret: string;
  readonly webhookSecret: string;
}

/** Registers the merchant unless it is there, and resolves with the secrets that are in force. */
export async function ensureMerchant(sql: Sql, setup: MerchantSetup): Promise<MerchantSecrets> {
  return sql.transaction(async (tx) => {
    await tx.query(
      `insert into config.merchants (merchant_id, name, status, businesses, webhook_secret)
       values ($1, $2, 'active', $3, $4) on conflict do nothing`,
      [setup.merchantId, setup.name, JSON.stringify(setup.businesses), setup.webhookSecret],
    );
    await tx.query(
      `insert into config.merchant_keys (merchant_id, key_id, algorithm, material, status)
       values ($1, $2, 'hmac-sha256', $3, 'active') on conflict do nothing`,
      [setup.merchantId, setup.keyId, setup.hmacSecret],
    );
    const [row] = await tx.query<{ secret: string; webhookSecret: string }>(
      `select k.material as secret, m.webhook_secret as "webhookSecret" from config.merchants m
       join config.merchant_keys k using (merchant_id) where m.merchant_id = $1 and k.key_id = $2`,
      [setup.merchantId, setup.keyId],
    );
    return { keyId: setup.keyId, secret: row?.secret ?? "", webhookSecret: row?.webhookSecret ?? "" };
  });
}

/** Puts the first routing table in force; an existing one is left alone. */
export async function ensureRoutes(sql: Sql, rules: readonly RouteRule[]): Promise<void> {
  await sql.transaction(async (tx) => {
    const present = await tx.query("select 1 from config.routes limit 1");
    if (present.length > 0) return;
    for (const [position, { name, ...rule }] of rules.entries()) {
      await tx.query(
        "insert into config.routes (position, name, rule) values ($1, $2, $3) on conflict do nothing",
        [position, name, JSON.stringify(rule)],
      );
    }
  });
}

/** A channel module that starts makes its channel known. The operator's switch is not touched. */
export async function registerChannel(sql: Sql, { channel, ...facts }: ChannelManifest): Promise<void> {
  await sql.query(
    `insert into config.channels as c (channel, facts) values ($1, $2)
     on conflict (channel) do update set facts = excluded.facts where c.facts is distinct from excluded.facts`,
    [channel, JSON.stringify(facts)],
  );
}
