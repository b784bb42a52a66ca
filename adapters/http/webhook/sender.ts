/**
 * Delivers notifications to merchants: Standard Webhooks signature, one POST, no redirect, no repeat, and never to an
 * address that is not public. The address is checked where the connection is made, so that a name which resolves to
 * something else a moment later (DNS rebinding) gains nothing.
 */
import { lookup as dnsLookup, type LookupAddress, type LookupOptions } from "node:dns";
import type { Agent } from "undici";
import type { WebhookAnswer, WebhookRequest, WebhookSender } from "../../../engine/ports/delivery.js";
import { checkNotifyUrl, mayConnect, type NotifyUrlOptions } from "./address.js";
import { post } from "./post.js";
import { webhookSignature } from "./signature.js";

export { addressKind, checkNotifyUrl, type NotifyUrlCheck, type NotifyUrlOptions } from "./address.js";

type LookupCallback = (
  error: NodeJS.ErrnoException | null,
  address: string | LookupAddress[],
  family?: number,
) => void;
export type Lookup = (hostname: string, options: LookupOptions, callback: LookupCallback) => void;

export interface WebhookSenderOptions extends NotifyUrlOptions {
  /** Connections kept per merchant host: a slow one cannot take all. Default 8. */
  readonly connectionsPerHost?: number;
  /** Upper bound for one attempt, whatever the caller's signal allows, in milliseconds. Default 10000. */
  readonly timeoutMs?: number;
  /** Resolves names. Default: the system's resolver. */
  readonly lookup?: Lookup;
}

export interface ClosableWebhookSender extends WebhookSender {
  close(): Promise<void>;
}

/** Of an answer only its status counts; this much of its body is kept to be shown to people. */
const detailBytesMax = 512;

class ForbiddenAddress extends Error {
  override readonly name = "ForbiddenAddress";
}

/** A resolver that refuses a name when any of its addresses may not be connected to. */
function guardedLookup(resolve: Lookup, options: NotifyUrlOptions): Lookup {
  return (hostname, lookupOptions, callback) =>
    resolve(hostname, { ...lookupOptions, all: true }, (error, found) => {
      const addresses = Array.isArray(found) ? found : [];
      if (error) return callback(error, []);
      if (addresses.length === 0 || !addresses.every(({ address }) => mayConnect(address, options)))
        return callback(new ForbiddenAddress(`${hostname} does not resolve to public addresses only`), []);
      if (lookupOptions.all) return callback(null, addresses);
      callback(null, addresses[0]!.address, addresses[0]!.family);
    });
}

function whyOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = (error as NodeJS.ErrnoException).code;
  return typeof code === "string" ? `${code}: ${error.message}` : error.message;
}

class Sender implements ClosableWebhookSender {
  private readonly timeoutMs: number;
  /** Made when there is something to send: every process could, the notifier does. */
  private opened: Promise<Agent> | undefined;

  constructor(private readonly options: WebhookSenderOptions) {
    this.timeoutMs = options.timeoutMs ?? 10_000;
  }

  async send(request: WebhookRequest, signal: AbortSignal): Promise<WebhookAnswer> {
    const allowed = checkNotifyUrl(request.url, this.options);
    if (!allowed.ok) return { status: 0, detail: `refused: ${allowed.why}` };
    try {
      const { webhookId, timestampS, body, secret } = request;
      const headers = {
        "content-type": "application/json",
        "user-agent": "Valence-Webhook/1",
        "webhook-id": webhookId,
        "webhook-timestamp": String(timestampS),
        "webhook-signature": webhookSignature(secret, webhookId, timestampS, body),
      };
      const { timeoutMs } = this;
      const call = { headers, body, timeoutMs, bytesMax: detailBytesMax, ...targetOf(request.url) };
      const { status, beginning } = await post(await this.agent(), call, signal);
      return { status, detail: beginning.subarray(0, detailBytesMax).toString("utf8") };
    } catch (error) {
      return { status: 0, detail: whyOf(error).slice(0, detailBytesMax) };
    }
  }

  async close(): Promise<void> {
    await (await this.opened)?.destroy();
  }

  private agent(): Promise<Agent> {
    return (this.opened ??= this.open());
  }

  private async open(): Promise<Agent> {
    const { Agent } = await import("undici");
    const { connectionsPerHost: connections = 8, lookup = dnsLookup as Lookup } = this.options;
    return new Agent({
      ...{ connections, pipelining: 1 },
      connect: { lookup: guardedLookup(lookup, this.options), timeout: this.timeoutMs },
    });
  }
}

function targetOf(url: string): { origin: string; path: string } {
  const { origin, pathname, search } = new URL(url);
  return { origin, path: pathname + search };
}

/** Never rejects from `send`; a merchant that cannot be reached, or may not be, is an answer with status 0. */
export const createWebhookSender = (options: WebhookSenderOptions = {}): ClosableWebhookSender =>
  new Sender(options);
