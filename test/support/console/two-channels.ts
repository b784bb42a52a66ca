/** A small system for the pages of channels, routes and queues: alpha is preferred and slow, beta takes the rest. */
import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import type { Page } from "playwright-core";
import { byId } from "../browser.js";
import { Client, submit } from "../client.js";
import { Cluster } from "../cluster.js";
import { freePort } from "../ports.js";
import { freshDatabase, onServer, type TestDatabase } from "../postgres.js";
import { simulatedChannels } from "../simulated-channels.js";
import { adminToken } from "../system.js";
import { newVisitor, type Visitor } from "./people.js";

const rules = [
  { name: "first", channels: [{ channel: "alpha" }] },
  { name: "rest", channels: [{ channel: "beta" }] },
];
/** How long the institution takes for a charge of alpha, and so how long a drain can be watched. */
const chargeMs = 900;
const giveUpMs = 30_000;

export class TwoChannels {
  #orders = 0;

  private constructor(
    private readonly database: TestDatabase,
    private readonly cluster: Cluster,
    private readonly folder: string,
    /** Where the admin module listens. */
    readonly admin: string,
    /** A system administrator. */
    readonly ann: Visitor,
    /** A business administrator. */
    readonly bea: Visitor,
  ) {}

  static async start(): Promise<TwoChannels> {
    const database = await freshDatabase();
    const folder = simulatedChannels({ alpha: { concurrencyMax: 2, methods: ["card", "qr"] }, beta: {} });
    const adminPort = String(await freePort());
    const modules = [
      "bridge",
      "flow",
      "scheduler",
      "notify",
      "feed",
      "admin",
      "channel:alpha",
      "channel:beta",
    ];
    const cluster = await Cluster.start(database.url, [modules], new Map(), {
      VALENCE_CHANNELS_DIR: folder,
      VALENCE_ADMIN_PORT: adminPort,
      VALENCE_ADMIN_TOKEN: adminToken,
      VALENCE_BRIDGE_REPLY_WAIT_MS: "100",
    });
    const admin = `http://127.0.0.1:${adminPort}`;
    const ann = await newVisitor(admin, adminToken, "ann", "system");
    const bea = await newVisitor(admin, adminToken, "bea", "business");
    const started = new TwoChannels(database, cluster, folder, admin, ann, bea);
    await started.applyRules(rules);
    await started.#slow();
    return started;
  }

  async stop(): Promise<void> {
    await this.cluster.stop();
    await this.database.drop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Another operator, who uses the API. @throws Error with the answer when it refuses */
  async asBob(path: string, body: object): Promise<void> {
    const response = await fetch(`${this.admin}/admin/v1${path}`, {
      method: "POST",
      headers: { authorization: `Bearer ${adminToken}`, "content-type": "application/json" },
      body: JSON.stringify({ ...body, author: "bob", reason: "bob was first" }),
    });
    assert.ok(response.ok, await response.text());
  }

  applyRules(list: readonly object[]): Promise<void> {
    return this.asBob("/routes/apply", { files: [{ path: "routes.json", text: JSON.stringify(list) }] });
  }

  /** @returns our ids of orders that were accepted and are paid in a while */
  async order(count: number): Promise<readonly string[]> {
    const client = new Client(this.cluster.bridge, this.cluster.credentials);
    const numbers = Array.from({ length: count }, () => ++this.#orders);
    const answers = await Promise.all(
      numbers.map((number) => {
        const body = { merchantOrderId: `C${number}`, amount: 100, currency: "CNY", subject: "console" };
        return submit(client, body, Date.now() + giveUpMs);
      }),
    );
    return answers.map(({ body }) => String(body["orderId"]));
  }

  query<Row>(text: string, values: readonly unknown[] = []): Promise<readonly Row[]> {
    return onServer(this.database.url, async (sql) => (await sql.query(text, [...values])).rows as Row[]);
  }

  /** The channel of every attempt of these orders, once all of them have one. */
  async channelsOf(orderIds: readonly string[]): Promise<readonly string[]> {
    const giveUpAtMs = Date.now() + giveUpMs;
    for (;;) {
      const rows = await this.query<{ channel: string; orderId: string }>(
        `select channel, order_id as "orderId" from core.payments where order_id = any($1) order by created_at`,
        [orderIds],
      );
      if (new Set(rows.map(({ orderId }) => orderId)).size === orderIds.length || Date.now() > giveUpAtMs)
        return rows.map(({ channel }) => channel);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  async #slow(): Promise<void> {
    const fault = { kind: "slow", rate: 1, delayMs: chargeMs, match: { operation: "pay" } };
    const response = await fetch(`${this.cluster.simulator}/__sim/faults`, {
      method: "POST",
      body: JSON.stringify(fault),
    });
    assert.ok(response.ok, await response.text());
  }
}

/** Gives a reason in the dialog that is open, and presses its button; `clicks` 2: as people do. */
export async function confirm(page: Page, clicks: 1 | 2 = 1): Promise<void> {
  await byId(page, "reason").fill("a test");
  await byId(page, "confirm").click({ clickCount: clicks });
}
