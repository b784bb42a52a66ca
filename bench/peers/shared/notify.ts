/** Tells the merchant, signed as Standard Webhooks has it, over kept connections. */
import { Agent, request } from "undici";
import type { Order } from "./order.js";
import { settings } from "./settings.js";
import { webhookSignature } from "./signature.js";

const key = Buffer.from(settings.webhookSecret.slice("whsec_".length), "base64");
const agent = new Agent({ connections: 64, pipelining: 1, headersTimeout: 10_000, bodyTimeout: 10_000 });

/** @throws Error unless it was taken */
export async function notify(order: Order, channelOrderId: string): Promise<void> {
  const { orderId, merchantOrderId, amount, currency, notificationId, notifyUrl } = order;
  const data = { orderId, merchantOrderId, channelOrderId, type: "pay", status: "paid", amount, currency };
  const body = JSON.stringify({ type: "order.paid", data });
  const timestamp = String(Math.floor(Date.now() / 1000));
  const answer = await request(notifyUrl, {
    dispatcher: agent,
    method: "POST",
    headers: {
      "content-type": "application/json",
      "webhook-id": notificationId,
      "webhook-timestamp": timestamp,
      "webhook-signature": webhookSignature(notificationId, timestamp, body, key),
    },
    body,
  });
  await answer.body.dump();
  if (answer.statusCode >= 300) throw new Error(`the merchant answered ${answer.statusCode}`);
}
