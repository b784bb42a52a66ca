/** Charges at the benchmark's channel, over kept connections. Charges once: whoever is not sure inquires first. */
import { timingSafeEqual } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { Pool } from "undici";
import type { Order } from "./order.js";
import { settings } from "./settings.js";
import { channelDigest } from "./signature.js";

const connections = 64;
const callMsMax = 5_000;
/** "No such payment" counts only when a charge that was on its way must have arrived. */
const graceMs = 3_000;

const pool = new Pool(settings.channelUrl, {
  connections,
  pipelining: 1,
  headersTimeout: callMsMax,
  bodyTimeout: callMsMax,
});

interface Answer {
  readonly code: string;
  readonly channelOrderId?: string;
}

async function call(path: string, content: unknown): Promise<Answer> {
  const body = JSON.stringify(content);
  const timestamp = String(Date.now());
  const signature = channelDigest("request", timestamp, path, body, settings.channelSecret);
  const answer = await pool.request({
    path,
    method: "POST",
    headers: {
      "content-type": "application/json",
      "sim-timestamp": timestamp,
      "sim-signature": signature.toString("base64"),
    },
    body,
  });
  const text = await answer.body.text();
  const { "sim-timestamp": at, "sim-signature": signed } = answer.headers;
  const expected = channelDigest("response", String(at), path, text, settings.channelSecret);
  const given = Buffer.from(String(signed), "base64");
  if (given.length !== expected.length || !timingSafeEqual(given, expected))
    throw new Error("the channel's answer is not signed by it");
  return JSON.parse(text) as Answer;
}

async function pay({ paymentId, amount, currency }: Order): Promise<string> {
  const { code, channelOrderId } = await call("/sim/pay", { paymentId, amount, currency });
  if (code !== "APPROVED" || channelOrderId === undefined) throw new Error(`the channel answered ${code}`);
  return channelOrderId;
}

/**
 * @param first nobody can have begun this charge before: it is sent without asking
 * @returns the channel's number of the charge
 * @throws Error when the outcome is not known; come again with `first` false
 */
export async function charge(order: Order, first: boolean): Promise<string> {
  if (first) return pay(order);
  await pause(graceMs);
  const { code, channelOrderId } = await call("/sim/query", { paymentId: order.paymentId });
  if (code === "APPROVED" && channelOrderId !== undefined) return channelOrderId;
  if (code === "NOT_FOUND") return pay(order);
  throw new Error(`the channel answered ${code}`);
}
