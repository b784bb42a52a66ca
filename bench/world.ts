/** What every contestant is told: one merchant, one channel, the same secrets and the same budget. Nothing here is secret. */

/** Signs the orders. */
export const merchant = {
  merchantId: "shop",
  keyId: "k1",
  secret: "a-secret-of-the-shop-0123456789",
} as const;

/** Signs the notifications (Standard Webhooks). */
export const webhookSecret = `whsec_${Buffer.from("0123456789abcdef0123456789abcdef").toString("base64")}`;

/** Signs both directions between a contestant and the channel. */
export const channelSecret = "a-secret-of-the-institution";

/** Where an order is posted, at every contestant. */
export const orderPath = "/v1/orders";

/** Connections to PostgreSQL a contestant may hold with all its processes; the clients of the floor. */
export const connectionsMax = 32;
