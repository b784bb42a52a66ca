import assert from "node:assert/strict";
import { Webhook } from "standardwebhooks";
import { appendFile, stat } from "node:fs/promises";
import { createWebhookSender } from "../../../../adapters/http/webhook/sender.js";
import { startMerchant, type MerchantDelivery } from "../../../../adapters/http/merchant/server.js";
import {
  atEnd,
  patience,
  processOf,
  stopAll,
  temporaryFile,
  until,
} from "../../channels/simulator/support.js";

const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

interface Told {
  readonly deliveries: readonly MerchantDelivery[];
  readonly refused: number;
  readonly failed: number;
}
const told = async (merchant: { url: string }, orderId?: string): Promise<Told> =>
  (await (
    await fetch(`${merchant.url}/notifications${orderId ? `?orderId=${orderId}` : ""}`)
  ).json()) as Told;

async function merchant(file?: string) {
  const started = await startMerchant({
    port: 0,
    secret,
    file: file ?? (await temporaryFile("merchant.jsonl")),
  });
  atEnd(() => started.close().catch(() => undefined));
  return started;
}

function notifier() {
  const sender = createWebhookSender({ allowLoopback: true });
  atEnd(() => sender.close());
  return (url: string, webhookId: string, orderId: string, key = secret) =>
    sender.send(
      {
        webhookId,
        url: `${url}/notify`,
        secret: key,
        timestampS: Math.floor(Date.now() / 1000),
        body: JSON.stringify({ type: "order.paid", data: { orderId, status: "paid" } }),
      },
      patience(),
    );
}

describe("the demo merchant", () => {
  afterEach(stopAll);

  it("keeps what is signed and answers success; repeats stay visible", async () => {
    const shop = await merchant();
    const notify = notifier();
    for (const [id, orderId] of [
      ["w-1", "o-1"],
      ["w-1", "o-1"],
      ["w-2", "o-2"],
    ] as const)
      assert.deepEqual(await notify(shop.url, id, orderId), { status: 200, detail: "success" });
    const { deliveries, refused } = await told(shop, "o-1");
    assert.deepEqual(
      deliveries.map(({ webhookId, type, data }) => [webhookId, type, data]),
      [1, 2].map(() => ["w-1", "order.paid", { orderId: "o-1", status: "paid" }]),
    );
    assert.equal(refused, 0);
    assert.equal((await told(shop)).deliveries.length, 3);
  });

  it("answers 400 to what is not signed, or not a notification, counts it and keeps nothing", async () => {
    const shop = await merchant();
    assert.equal((await notifier()(shop.url, "w-1", "o-1", "whsec_AAAA")).status, 400);
    assert.equal((await fetch(`${shop.url}/notify`, { method: "POST", body: "{}" })).status, 400);
    const now = new Date();
    for (const body of ["[]", "not json", '{"type":5,"data":{}}']) {
      const headers = {
        "webhook-id": "w",
        "webhook-timestamp": String(Math.floor(now.getTime() / 1000)),
        "webhook-signature": new Webhook(secret).sign("w", now, body),
      };
      assert.equal((await fetch(`${shop.url}/notify`, { method: "POST", headers, body })).status, 400, body);
    }
    const { deliveries, refused } = await told(shop);
    assert.deepEqual([deliveries.length, refused], [0, 5]);
  });

  it("fails as often as it is told, then takes the notification", async () => {
    const shop = await merchant();
    const notify = notifier();
    const fail = (body: string) => fetch(`${shop.url}/__merchant/fail`, { method: "POST", body });
    assert.equal((await fail('{"times":2}')).status, 200);
    const statuses = [];
    for (let n = 0; n < 3; n += 1) statuses.push((await notify(shop.url, "w-1", "o-1")).status);
    assert.deepEqual(statuses, [503, 503, 200]);
    const { deliveries, failed } = await told(shop, "o-1");
    assert.deepEqual([deliveries.length, failed], [1, 2]);
    for (const body of ["", "{}", '{"times":-1}', "null"]) assert.equal((await fail(body)).status, 400, body);
  });

  it("kill -9 in the middle of deliveries: whatever was answered 200 is known after the restart", async function () {
    this.timeout(30_000);
    const flags = ["--port", "0", "--file", await temporaryFile("merchant.jsonl")];
    const env = { VALENCE_MERCHANT_SECRET: secret };
    const victim = await processOf("http/merchant", flags, env);
    const notify = notifier();
    const delivered: string[] = [];
    let sent = 0;
    const line = async (): Promise<void> => {
      for (;;) {
        const id = `w-${(sent += 1)}`;
        if ((await notify(victim.url, id, id)).status !== 200) return;
        delivered.push(id);
      }
    };
    const lines = Array.from({ length: 8 }, line);
    await until(
      async () => delivered.length,
      (count) => count >= 100,
    );
    await victim.killed();
    await Promise.all(lines);
    const known = new Set(
      (await told(await processOf("http/merchant", flags, env))).deliveries.map((one) => one.webhookId),
    );
    assert.ok(delivered.length >= 100);
    assert.deepEqual(
      delivered.filter((id) => !known.has(id)),
      [],
    );
  });

  it("a torn last line is cut off", async () => {
    const file = await temporaryFile("merchant.jsonl");
    const first = await merchant(file);
    await notifier()(first.url, "w-1", "o-1");
    await first.close();
    const { size } = await stat(file);
    await appendFile(file, '{"webhookId":"w-2","ty');
    const second = await merchant(file);
    assert.equal((await told(second)).deliveries.length, 1);
    assert.equal((await stat(file)).size, size);
  });
});
