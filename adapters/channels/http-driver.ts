/** The driver of every channel over HTTP: it translates through its dialect, decides nothing, sends nothing twice. */
import type {
  CallbackIn,
  CallbackOut,
  ChannelAnswer,
  ChannelDriver,
  ChannelManifest,
  ChargeRequest,
  CloseRequest,
  CloseResult,
  InquiryResult,
  ProbeResult,
  RefundRequest,
} from "../../engine/ports/channel.js";
import { Connections } from "./connections.js";
import type { Asked, Dialect, Operation } from "./dialect.js";
import { exchange } from "./exchange.js";
import { judge, quoted, resultIn, type About } from "./judge.js";

/** Largest answer read; an answer about one payment is under 1 KiB. */
const answerBytesMax = 64 * 1024;
/** No payment of ours has this id: ours are UUIDs. */
const probePaymentId = "valence-probe";

export interface HttpDriverOptions {
  readonly manifest: ChannelManifest;
  readonly dialect: Dialect;
  /** The institution's address; only its origin counts, the dialect has the paths. */
  readonly baseUrl: string;
  /** Connections for charges. */
  readonly connections: number;
}

/** What of a question goes into the evidence: subject, reason and return address belong to people and stay out. */
const shownFields = ["paymentId", "refundId", "orderId", "amountMinor", "currency", "method"] as const;

const lowerCased = (headers: CallbackIn["headers"]): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));

/** An inquiry that was not sent has learned nothing. */
const learned = <Result extends string>({
  result,
  ...answer
}: ChannelAnswer<Result | "notSent" | "unknown">): ChannelAnswer<Exclude<Result, "notSent"> | "unknown"> => ({
  result: result === "notSent" ? "unknown" : (result as Exclude<Result, "notSent">),
  ...answer,
});

class HttpDriver implements ChannelDriver {
  readonly manifest: ChannelManifest;
  readonly #dialect: Dialect;
  readonly #connections: Connections;

  constructor({ manifest, dialect, baseUrl, connections }: HttpDriverOptions) {
    this.manifest = manifest;
    this.#dialect = dialect;
    this.#connections = new Connections(baseUrl, connections, manifest.callTimeoutMs);
  }

  charge(request: ChargeRequest, signal: AbortSignal): Promise<ChannelAnswer> {
    return this.#ask("charge", request, request, this.#dialect.results.charge, signal);
  }

  async inquire(request: ChargeRequest, signal: AbortSignal): Promise<ChannelAnswer<InquiryResult>> {
    const { paymentId } = request;
    const { inquire } = this.#dialect.results;
    return learned(await this.#ask("inquire", { paymentId }, request, inquire, signal));
  }

  refund(request: RefundRequest, signal: AbortSignal): Promise<ChannelAnswer> {
    return this.#ask("refund", request, request, this.#dialect.results.refund, signal);
  }

  async inquireRefund(request: RefundRequest, signal: AbortSignal): Promise<ChannelAnswer<InquiryResult>> {
    const { refundId, paymentId } = request;
    const { inquireRefund } = this.#dialect.results;
    return learned(await this.#ask("inquireRefund", { refundId, paymentId }, request, inquireRefund, signal));
  }

  close(request: CloseRequest, signal: AbortSignal): Promise<ChannelAnswer<CloseResult>> {
    const { paymentId } = request;
    return this.#ask("close", request, { paymentId }, this.#dialect.results.close, signal);
  }

  async probe(signal: AbortSignal): Promise<ChannelAnswer<ProbeResult>> {
    const asked = { paymentId: probePaymentId };
    const { inquire } = this.#dialect.results;
    const { result, ...answer } = learned(await this.#ask("inquire", asked, asked, inquire, signal));
    return { result: result === "unknown" ? "silent" : "answers", ...answer };
  }

  callback({ headers, bodyBase64 }: CallbackIn): CallbackOut {
    const { results, replies } = this.#dialect;
    const heard = this.#dialect.hearCallback({
      headers: lowerCased(headers),
      body: Buffer.from(bodyBase64, "base64"),
    });
    if (!heard.trusted) {
      const { why, forged } = heard;
      return { verdict: "forged", why, reply: forged ? replies.forged : replies.unreadable };
    }
    const { told } = heard;
    if (told.paymentId === undefined || told.paymentId === "")
      return { verdict: "forged", why: "signed, but it names no payment", reply: replies.unreadable };
    const answer: ChannelAnswer = {
      result: resultIn(results.callback, told.code),
      evidence: { operation: "callback", response: told.shown },
      ...quoted(told),
    };
    return { verdict: "genuine", paymentId: told.paymentId, answer, reply: replies.taken };
  }

  dispose(): Promise<void> {
    return this.#connections.close();
  }

  async #ask<O extends Operation, Result extends string>(
    operation: O,
    asked: Asked[O],
    about: About,
    results: Readonly<Record<string, Result>>,
    signal: AbortSignal,
  ): Promise<ChannelAnswer<Result | "notSent" | "unknown">> {
    const startedAtMs = Date.now();
    const sent = this.#dialect.ask[operation](asked, startedAtMs);
    const lane = this.#connections.lane(operation === "charge" ? "charge" : "follow");
    const { origin } = this.#connections;
    const { callTimeoutMs: timeoutMs } = this.manifest;
    const call = { origin, ...sent, timeoutMs, bodyBytesMax: answerBytesMax };
    const done = await exchange(lane, call, signal);
    const endedAtMs = Date.now();
    const shown = Object.entries(asked).filter(
      ([name, value]) => shownFields.some((field) => field === name) && value !== undefined,
    );
    const request = { operation, ...Object.fromEntries(shown) };
    return judge(done, results, about, (received) => this.#dialect.hear(sent, received, endedAtMs), {
      request,
      startedAtMs,
      elapsedMs: endedAtMs - startedAtMs,
    });
  }
}

export const createHttpDriver = (options: HttpDriverOptions): ChannelDriver => new HttpDriver(options);
