/** The load process against a contestant of a few lines, honest or not: whatever it does wrong is found. */
import assert from "node:assert/strict";
import { createHmac, randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { HmacHeaders } from "../../../adapters/channels/hmac-headers.js";
import { parseAuthorization } from "../../../adapters/http/authorization.js";
import { Channel } from "../../../bench/load/channel.js";
import { listen } from "../../../bench/load/http.js";
import { merchantAnswer, type Notification } from "../../../bench/load/merchant.js";
import { PhaseRun } from "../../../bench/load/phase.js";
import type { LoadReport, Pace } from "../../../bench/load/protocol.js";
import { failuresOf } from "../../../bench/measurement.js";
import { channelSecret, merchant, webhookSecret } from "../../../bench/world.js";

/** What it does to every order but the first ten. */
type Habit =
  | "honest"
  | "loses some"
  | "notifies twice"
  | "charges twice"
  | "never charges"
  | "forges"
  | "tells another amount"
  | "refuses";

interface Order {
  readonly merchantOrderId: string;
  readonly amount: number;
  readonly notifyUrl: string;
}

const signer = new HmacHeaders("sim", channelSecret);
const key = Buffer.from(webhookSecret.slice("whsec_".length), "base64");

async function charge(channelUrl: string, paymentId: string, amount: number): Promise<void> {
  const body = Buffer.from(JSON.stringify({ paymentId, amount, currency: "CNY" }));
  const headers = signer.sign("request", "/sim/pay", body, Date.now());
  const answer = await fetch(`${channelUrl}/sim/pay`, { method: "POST", headers, body });
  const text = Buffer.from(await answer.arrayBuffer());
  const signed = Object.fromEntries(answer.headers);
  assert.equal(signer.fault("response", "/sim/pay", signed, text, Date.now()), undefined);
  assert.equal((JSON.parse(text.toString()) as { code: string }).code, "APPROVED");
}

async function notify({ notifyUrl, merchantOrderId }: Order, amount: number, secret: Buffer): Promise<void> {
  const body = JSON.stringify({ type: "order.paid", data: { merchantOrderId, amount, status: "paid" } });
  const [id, timestamp] = [randomUUID(), String(Math.floor(Date.now() / 1000))];
  const signature = createHmac("sha256", secret).update(`${id}.${timestamp}.${body}`).digest("base64");
  const headers = {
    "webhook-id": id,
    "webhook-timestamp": timestamp,
    "webhook-signature": `v1,${signature}`,
  };
  await (await fetch(notifyUrl, { method: "POST", headers, body })).text();
}

async function work(habit: Habit, order: Order, channelUrl: string): Promise<void> {
  const paymentId = randomUUID();
  if (habit === "loses some") return;
  if (habit !== "never charges") await charge(channelUrl, paymentId, order.amount);
  if (habit === "charges twice") await charge(channelUrl, paymentId, order.amount);
  await notify(
    order,
    habit === "tells another amount" ? 1 : order.amount,
    habit === "forges" ? Buffer.from("x") : key,
  );
  if (habit === "notifies twice") await notify(order, order.amount, key);
}

const answer = (response: ServerResponse, status: number, body: string): unknown =>
  response.writeHead(status, { "content-length": body.length }).end(body);

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}

const neverEnds: readonly Habit[] = ["loses some", "forges", "tells another amount"];

/** A short phase against it. */
async function load(habit: Habit, pace: Pace): Promise<LoadReport> {
  let run: PhaseRun | undefined;
  let orders = 0;
  const channel = new Channel();
  const told = (notification: Notification | undefined): void => run?.told(notification);
  const [atChannel, atMerchant] = [await listen(channel.answer), await listen(merchantAnswer(told))];
  const server = createServer((request, response) => {
    void textOf(request).then(async (text) => {
      const signed = parseAuthorization(request.headers.authorization ?? "");
      assert.ok(signed.ok && signed.authorization.merchantId === merchant.merchantId);
      orders += 1;
      const now = orders > 10 ? habit : "honest";
      if (now === "refuses") return answer(response, 503, '{"code":"overloaded"}');
      answer(response, 202, "{}");
      await work(now, JSON.parse(text) as Order, atChannel.url);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    // It ends when nothing is open; with these something stays so.
    const drainMsMax = neverEnds.includes(habit) ? 400 : 20_000;
    const phase = { baseUrl, pace, expectedPerSecond: 100, rampMs: 100, windowMs: 1_000, drainMsMax };
    run = new PhaseRun(phase, channel, `t${orders}`, `${atMerchant.url}/notify`);
    return await run.run();
  } finally {
    for (const each of [atChannel, atMerchant]) each.close();
    server.close();
    server.closeAllConnections();
  }
}

const closed: Pace = { kind: "closed", inFlight: 20 };

describe("a phase of load", () => {
  for (const pace of [closed, { kind: "open", perSecond: 200 }] as const)
    it(`${pace.kind}: every order is answered, charged and notified once, and counted`, async () => {
      const report = await load("honest", pace);
      const { sent, accepted, notified, charged } = report.account;
      assert.ok(sent > 0);
      assert.deepEqual([accepted, notified, charged], [sent, sent, sent]);
      assert.deepEqual(failuresOf(report), []);
      assert.ok(report.paymentsPerSecond > 0);
      assert.ok(report.p50Ms > 0 && report.p50Ms <= report.p99Ms && report.p99Ms <= report.maxMs);
    });

  const table: readonly (readonly [Habit, found: RegExp])[] = [
    ["loses some", /accepted, never notified/],
    ["notifies twice", /notified twice/],
    ["charges twice", /charged twice/],
    ["never charges", /notified, never charged/],
    ["forges", /with a signature that does not hold/],
    ["tells another amount", /notified wrongly/],
    ["refuses", /refused: 503 overloaded/],
  ];
  for (const [habit, found] of table)
    it(`a contestant that ${habit}: found`, async () =>
      assert.match(failuresOf(await load(habit, closed)).join("\n"), found));
});
