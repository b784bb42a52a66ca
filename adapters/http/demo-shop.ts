/** The demo merchant's side of the bridge: its orders, signed as an integrator signs them. */
import { randomBytes, randomUUID } from "node:crypto";
import { signRequest } from "./sign.js";

export interface DemoShop {
  /** Base URL of the bridge. */
  readonly bridge: string;
  readonly merchantId: string;
  readonly keyId: string;
  readonly secret: string;
  /** Where the demo merchant hears of its orders, if it runs. */
  readonly notifyUrl?: string;
}

export interface DemoOrder {
  readonly type: string;
  /** In minor units. */
  readonly amount: number;
  /** ISO 4217. */
  readonly currency: string;
  /** Payment method, as the channel calls it. */
  readonly method?: string;
}

export interface SignedRequest {
  readonly url: string;
  readonly init: RequestInit & { readonly method: string };
}

/** Good once: a nonce is never taken twice. */
export function signedRequest(
  { bridge, ...key }: DemoShop,
  method: "GET" | "POST",
  path: string,
  body = "",
): SignedRequest {
  const { merchantId, keyId, secret } = key;
  const authorization = signRequest({
    algorithm: "hmac-sha256",
    ...{ merchantId, keyId, secret, method, path, body },
    nowMs: Date.now(),
    nonce: randomUUID(),
  });
  const content = body === "" ? {} : { "content-type": "application/json" };
  return {
    url: `${bridge}${path}`,
    init: { method, headers: { authorization, ...content }, ...(body === "" ? {} : { body }) },
  };
}

/** A new order each time. */
export function orderRequest(shop: DemoShop, { type, amount, currency, method }: DemoOrder): SignedRequest {
  const order = {
    merchantOrderId: `demo-${Date.now()}-${randomBytes(3).toString("hex")}`,
    ...{ amount, currency, subject: "Demo order" },
    ...(method === undefined ? {} : { method }),
    ...(shop.notifyUrl === undefined ? {} : { notifyUrl: shop.notifyUrl }),
  };
  return signedRequest(shop, "POST", `/v1/transactions/${encodeURIComponent(type)}`, JSON.stringify(order));
}
