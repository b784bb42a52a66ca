/** Our side of the simulated institution. It translates; it decides nothing and sends nothing twice. */
import { Pool } from "undici";
import type {
  CallbackIn,
  CallbackOut,
  CallbackReply,
  ChannelAnswer,
  ChannelDriver,
  ChannelManifest,
  ChargeRequest,
  CloseRequest,
  CloseResult,
  InquiryResult,
  ProbeResult,
  RefundRequest,
} from "../../../engine/ports/channel.js";
import type { Row } from "../../../engine/ports/store.js";
import {
  bodyBytesMax,
  callbackPath,
  parseObject,
  paths,
  signatureFault,
  signatureHeaders,
  type PayBody,
} from "./dialect.js";
import { exchange, type Exchange } from "./exchange.js";
import {
  judgeCallback,
  judgeClose,
  judgePay,
  judgeQuery,
  judgeRefund,
  judgeRefundQuery,
  type Json,
} from "./judge.js";
import { manifest as defaults } from "./manifest.js";

export interface SimulatorDriverOptions {
  /** Origin of the institution, e.g. `http://127.0.0.1:8090`. */
  readonly baseUrl: string;
  /** HMAC secret shared with the institution, UTF-8 text. */
  readonly secret: string;
  /** Connections kept. Default: the manifest's `concurrencyMax`, so that no admitted call waits for one. */
  readonly connections?: number;
  /** Default: the manifest's. */
  readonly callTimeoutMs?: number;
  /** Default: the manifest's. */
  readonly graceMs?: number;
}

/** Keep-alive below the institution's 65 s: usually we are the one who closes an idle connection. */
const idleTimeoutMs = 4_000;

const reply = (status: number, body: string): CallbackReply => ({ status, contentType: "text/plain", body });

function payBody(request: ChargeRequest): PayBody {
  return {
    paymentId: request.paymentId,
    orderId: request.orderId,
    amount: request.amountMinor,
    currency: request.currency,
    subject: request.subject,
    ...(request.method === undefined ? {} : { method: request.method }),
    ...(request.returnUrl === undefined ? {} : { returnUrl: request.returnUrl }),
  };
}

class SimulatorDriver implements ChannelDriver {
  readonly manifest: ChannelManifest;
  private readonly origin: string;
  private readonly pool: Pool;

  constructor(private readonly options: SimulatorDriverOptions) {
    const callTimeoutMs = options.callTimeoutMs ?? defaults.callTimeoutMs;
    this.manifest = { ...defaults, callTimeoutMs, graceMs: options.graceMs ?? defaults.graceMs };
    this.origin = new URL(options.baseUrl).origin;
    this.pool = new Pool(this.origin, {
      connections: options.connections ?? defaults.concurrencyMax,
      pipelining: 1,
      connectTimeout: callTimeoutMs,
      keepAliveTimeout: idleTimeoutMs,
      keepAliveMaxTimeout: idleTimeoutMs,
      // One clock rules the whole call: the one in `exchange`.
      headersTimeout: 0,
      bodyTimeout: 0,
    });
  }

  async charge(request: ChargeRequest, signal: AbortSignal): Promise<ChannelAnswer> {
    // Subject and return address belong to the payer and the merchant: the evidence goes without them.
    const { paymentId, orderId, amountMinor, currency, method } = request;
    const sent = { operation: "pay", paymentId, orderId, amountMinor, currency, method: method ?? null };
    const { done, evidence } = await this.ask(paths.pay, { ...payBody(request) }, sent, signal);
    return judgePay(done, this.options.secret, paths.pay, request, evidence);
  }

  async inquire(request: ChargeRequest, signal: AbortSignal): Promise<ChannelAnswer<InquiryResult>> {
    const { paymentId } = request;
    const { done, evidence } = await this.ask(
      paths.query,
      { paymentId },
      { operation: "query", paymentId },
      signal,
    );
    return judgeQuery(done, this.options.secret, paths.query, request, evidence);
  }

  async refund(request: RefundRequest, signal: AbortSignal): Promise<ChannelAnswer> {
    const { refundId, paymentId, amountMinor: amount } = request;
    const sent = { operation: "refund", refundId, paymentId, amountMinor: amount };
    const { done, evidence } = await this.ask(paths.refund, { refundId, paymentId, amount }, sent, signal);
    return judgeRefund(done, this.options.secret, paths.refund, request, evidence);
  }

  async inquireRefund(request: RefundRequest, signal: AbortSignal): Promise<ChannelAnswer<InquiryResult>> {
    const { refundId, paymentId } = request;
    const path = paths["refund-query"];
    const sent = { operation: "refund-query", refundId, paymentId };
    const { done, evidence } = await this.ask(path, { refundId, paymentId }, sent, signal);
    return judgeRefundQuery(done, this.options.secret, path, request, evidence);
  }

  async close({ paymentId }: CloseRequest, signal: AbortSignal): Promise<ChannelAnswer<CloseResult>> {
    const sent = { operation: "close", paymentId };
    const { done, evidence } = await this.ask(paths.close, { paymentId }, sent, signal);
    return judgeClose(done, this.options.secret, paths.close, { paymentId }, evidence);
  }

  async probe(signal: AbortSignal): Promise<ChannelAnswer<ProbeResult>> {
    const paymentId = "probe";
    const sent = { operation: "query", paymentId };
    const { done, evidence } = await this.ask(paths.query, { paymentId }, sent, signal);
    const { result, ...answer } = judgeQuery(done, this.options.secret, paths.query, { paymentId }, evidence);
    return { ...answer, result: result === "unknown" ? "silent" : "answers" };
  }

  /** Age is not judged: callbacks are kept durably before they come here, and a repeat states the same fact. */
  callback({ headers, bodyBase64 }: CallbackIn): CallbackOut {
    const body = Buffer.from(bodyBase64, "base64");
    const lower = Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
    );
    const forged = signatureFault(this.options.secret, "callback", callbackPath, lower, body);
    if (forged !== undefined) return { verdict: "forged", why: forged, reply: reply(401, "refused") };
    const content = parseObject(body);
    const paymentId = content?.["paymentId"];
    if (!content || typeof paymentId !== "string" || paymentId === "")
      return { verdict: "forged", why: "signed, but it names no payment", reply: reply(400, "unreadable") };
    return { verdict: "genuine", paymentId, answer: judgeCallback(content), reply: reply(200, "success") };
  }

  /** Waits for calls under way; each ends within `callTimeoutMs`. */
  async dispose(): Promise<void> {
    if (!this.pool.closed && !this.pool.destroyed) await this.pool.close();
  }

  private async ask(
    path: string,
    content: Json,
    sent: Row,
    signal: AbortSignal,
  ): Promise<{ done: Exchange; evidence: Row }> {
    const startedAtMs = Date.now();
    const body = Buffer.from(JSON.stringify(content));
    const headers = {
      "content-type": "application/json",
      ...signatureHeaders(this.options.secret, "request", path, body, startedAtMs),
    };
    const { callTimeoutMs: timeoutMs } = this.manifest;
    const done = await exchange(
      this.pool,
      { origin: this.origin, path, headers, body, timeoutMs, bodyBytesMax },
      signal,
    );
    return { done, evidence: { request: sent, startedAtMs, elapsedMs: Date.now() - startedAtMs } };
  }
}

export const createSimulatorDriver = (options: SimulatorDriverOptions): ChannelDriver =>
  new SimulatorDriver(options);
