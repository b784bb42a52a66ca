/** The order API, the same for both peers: verifies, checks the merchant, hands the order over, answers 202. */
import Fastify from "fastify";
import type { Merchant } from "./database.js";
import { orderFrom, type Order } from "./order.js";
import { orderHolds, parseAuthorization } from "./signature.js";

const path = "/v1/orders";

export interface ApiOptions {
  readonly merchantOf: (merchantId: string) => Promise<Merchant | undefined>;
  /** Resolves when the order is durable and will be worked on, whatever dies. */
  readonly accept: (order: Order) => Promise<void>;
  readonly close: () => Promise<void>;
}

/** Listens, says so on stdout, and ends in order on SIGTERM. */
export async function serveApi({ merchantOf, accept, close }: ApiOptions): Promise<void> {
  const app = Fastify({ logger: false });
  // The raw bytes are signed.
  app.addContentTypeParser("application/json", { parseAs: "buffer" }, (_request, body, done) =>
    done(null, body),
  );
  app.post(path, async (request, reply) => {
    const signed = parseAuthorization(request.headers.authorization);
    const merchant = signed && (await merchantOf(signed.merchantId));
    const body = request.body as Buffer;
    if (
      !signed ||
      !merchant ||
      merchant.keyId !== signed.keyId ||
      !orderHolds(signed, merchant.secret, path, body)
    )
      return reply.code(401).send({ code: "unauthorized" });
    if (!merchant.active) return reply.code(403).send({ code: "merchant_inactive" });
    const order = orderFrom(signed.merchantId, body, Date.now());
    if (!order) return reply.code(400).send({ code: "invalid_request" });
    await accept(order);
    const { orderId, merchantOrderId, amount, currency } = order;
    return reply
      .code(202)
      .send({ orderId, merchantOrderId, type: "pay", status: "processing", amount, currency });
  });
  app.addHook("onClose", close);
  const url = await app.listen({ port: 0, host: "127.0.0.1" });
  process.once("SIGTERM", () => void app.close().then(() => process.exit(0)));
  process.stdout.write(`ready {"bridge":"${url}"}\n`);
}
