/**
 * The demo merchant: receives notifications the way an integrator should (verify, store, answer) and can be asked
 * afterwards what it was told. It keeps repeats, so that a test sees them; a real shop drops them by `webhook-id`.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Webhook } from "standardwebhooks";
import { Records } from "./records.js";

export type { MerchantDelivery } from "./records.js";

export interface MerchantOptions {
  /** 0 picks a free one. */
  readonly port: number;
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** Standard Webhooks secret, `whsec_...`. */
  readonly secret: string;
  /** Where deliveries are kept. */
  readonly file: string;
}

export interface Merchant {
  readonly url: string;
  /** What an order names as `notifyUrl`. */
  readonly notifyUrl: string;
  readonly port: number;
  close(): Promise<void>;
}

const bodyBytesMax = 256 * 1024;

interface State {
  readonly webhook: Webhook;
  readonly records: Records;
  /** Notifications whose signature did not hold. */
  refused: number;
  /** Notifications turned away because a test asked for it. */
  failed: number;
  failTimes: number;
}

interface Reply {
  readonly status: number;
  readonly body: string;
}

const json = (status: number, body: unknown): Reply => ({ status, body: JSON.stringify(body) });

/** @throws when the port is taken, the secret cannot be used or the file is damaged. */
export async function startMerchant(options: MerchantOptions): Promise<Merchant> {
  const webhook = new Webhook(options.secret);
  const records = await Records.open(options.file);
  const state: State = { webhook, records, refused: 0, failed: 0, failTimes: 0 };
  const server = createServer(
    { keepAliveTimeout: 65_000 },
    (request, response) => void take(state, request, response),
  );
  const host = options.host ?? "127.0.0.1";
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port, host, resolve);
  });
  const { port } = server.address() as AddressInfo;
  const url = `http://${host}:${port}`;
  const close = async (): Promise<void> => {
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
    await records.close();
  };
  return { url, notifyUrl: `${url}/notify`, port, close };
}

async function take(state: State, request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    const body = await readBody(request);
    const { status, body: content } = body === undefined ? json(413, {}) : await reply(state, request, body);
    response.writeHead(status, { "content-type": content === "success" ? "text/plain" : "application/json" });
    response.end(content);
  } catch {
    // The sender hung up, or the file cannot be written: without a 200 it will come again.
    if (response.headersSent) response.destroy();
    else response.writeHead(500).end();
  }
}

async function reply(state: State, request: IncomingMessage, body: string): Promise<Reply> {
  const url = new URL(request.url ?? "/", "http://merchant");
  switch (`${request.method} ${url.pathname}`) {
    case "POST /notify":
      return notify(state, request, body);
    case "GET /notifications":
      return json(200, {
        deliveries: state.records.list(url.searchParams.get("orderId")),
        refused: state.refused,
        failed: state.failed,
      });
    case "POST /__merchant/fail":
      return failNext(state, body);
    default:
      return json(404, { message: "POST /notify, GET /notifications?orderId=, POST /__merchant/fail" });
  }
}

/** Bad signature: 400, nothing kept. Told to fail: 503, nothing kept. Else kept first, answered second. */
async function notify(state: State, request: IncomingMessage, body: string): Promise<Reply> {
  const verified = verify(state.webhook, request.headers, body);
  if (!verified) {
    state.refused += 1;
    return json(400, { message: "the signature does not match" });
  }
  if (state.failTimes > 0) {
    state.failTimes -= 1;
    state.failed += 1;
    return json(503, { message: "failing on purpose" });
  }
  await state.records.add({ webhookId: String(request.headers["webhook-id"]), at: Date.now(), ...verified });
  return { status: 200, body: "success" };
}

function verify(
  webhook: Webhook,
  headers: IncomingMessage["headers"],
  body: string,
): { type: string; data: Readonly<Record<string, unknown>> } | undefined {
  const texts = Object.entries(headers).filter(
    (entry): entry is [string, string] => typeof entry[1] === "string",
  );
  try {
    const event = webhook.verify(body, Object.fromEntries(texts)) as
      { type?: unknown; data?: unknown } | undefined;
    if (typeof event?.type !== "string" || typeof event.data !== "object" || event.data === null)
      return undefined;
    return { type: event.type, data: event.data as Readonly<Record<string, unknown>> };
  } catch {
    return undefined;
  }
}

function failNext(state: State, body: string): Reply {
  let times: unknown;
  try {
    times = (JSON.parse(body) as { times?: unknown } | null)?.times;
  } catch {
    times = undefined;
  }
  if (!Number.isSafeInteger(times) || (times as number) < 0)
    return json(400, { message: 'send { "times": n }, n a whole number; 0 ends the failing' });
  state.failTimes = times as number;
  return json(200, { times });
}

async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > bodyBytesMax) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}
