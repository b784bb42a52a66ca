/**
 * What an exchange means for the payment. Only an answer that is signed, speaks of this payment and carries a code of
 * the table decides anything; all the rest is `unknown`.
 */
import type {
  Action,
  ChannelAnswer,
  ChannelResult,
  CloseResult,
  InquiryResult,
} from "../../../engine/ports/channel.js";
import type { Row } from "../../../engine/ports/store.js";
import { parseObject, signatureFault } from "./dialect.js";
import type { Exchange } from "./exchange.js";

type Results<Result> = Readonly<Record<string, Result>>;

/** INVALID_REQUEST: read and refused; the same bytes will be refused again, so nothing was or will be charged. */
const payResults: Results<ChannelResult> = {
  APPROVED: "approved",
  DECLINED: "declined",
  CLOSED: "declined",
  INVALID_REQUEST: "declined",
  WAITING_PAYER: "pending",
};

const queryResults: Results<InquiryResult> = {
  APPROVED: "approved",
  DECLINED: "declined",
  CLOSED: "declined",
  WAITING_PAYER: "pending",
  NOT_FOUND: "absent",
};

const callbackResults: Results<ChannelResult> = {
  APPROVED: "approved",
  DECLINED: "declined",
  CLOSED: "declined",
};

const refundResults: Results<ChannelResult> = {
  REFUNDED: "approved",
  DECLINED: "declined",
  REFUND_EXCEEDS: "declined",
  NOT_FOUND: "declined",
  INVALID_REQUEST: "declined",
};

const refundQueryResults: Results<InquiryResult> = { REFUNDED: "approved", NOT_FOUND: "absent" };

const closeResults: Results<CloseResult> = { CLOSED: "closed", ALREADY_PAID: "paid" };

const resultIn = <Result extends string>(results: Results<Result>, code: string): Result | "unknown" =>
  Object.hasOwn(results, code) ? results[code]! : "unknown";

/** What the caller asked about, to be recognised in the answer. */
export interface Asked {
  readonly paymentId: string;
  readonly refundId?: string;
  readonly amountMinor?: number;
  readonly currency?: string;
}

export type Json = Readonly<Record<string, unknown>>;
type Told = Omit<ChannelAnswer, "result" | "evidence">;

const text = (value: unknown, lengthMax: number): string | undefined =>
  typeof value === "string" && value !== "" ? value.slice(0, lengthMax) : undefined;

function actionOf(value: unknown): Action | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { kind, content } = value as Json;
  return kind === "qr" && typeof content === "string" ? { kind, content } : undefined;
}

/** The institution's number, code, words and action, cut to what the dictionary holds. */
function toldIn(body: Json): Told {
  const channelOrderId = text(body["channelOrderId"], 128);
  const code = text(body["code"], 64);
  const message = text(body["message"], 512);
  const action = actionOf(body["action"]);
  return {
    ...(channelOrderId === undefined ? {} : { channelOrderId }),
    ...(code === undefined ? {} : { code }),
    ...(message === undefined ? {} : { message }),
    ...(action === undefined ? {} : { action }),
  };
}

/** Fields of an answer worth keeping as evidence; what is not listed here is not kept. */
function shown(body: Json): Row {
  const names = [
    ...["code", "message", "paymentId", "refundId", "channelOrderId"],
    ...["amount", "currency", "refunded", "at"],
  ];
  return Object.fromEntries(names.filter((name) => name in body).map((name) => [name, body[name]]));
}

interface Read {
  readonly result: string;
  readonly told: Told;
  /** For the evidence. */
  readonly trace: Row;
}

function read(
  results: Results<string>,
  exchange: Exchange,
  secret: string,
  path: string,
  asked: Asked,
): Read {
  const unknown = (why: string, trace: Row = {}): Read => ({
    result: "unknown",
    told: { message: why.slice(0, 512) },
    trace: { failure: why, ...trace },
  });
  if (exchange.outcome === "notSent") return { ...unknown(exchange.why), result: "notSent" };
  if (exchange.outcome === "silent") return unknown(exchange.why);

  const { status, headers, body } = exchange;
  if (status >= 500) return unknown(`HTTP ${status}`, { status });
  const forged = signatureFault(secret, "response", path, headers, body, Date.now());
  if (forged !== undefined) return unknown(`the answer cannot be trusted: ${forged}`, { status });
  const answer = parseObject(body);
  if (!answer) return unknown("the answer is not a JSON object", { status });

  const trace = { status, response: shown(answer) };
  const result = resultIn(results, String(answer["code"]));
  if (answer["paymentId"] !== asked.paymentId) return unknown("the answer speaks of another payment", trace);
  if (answer["refundId"] !== asked.refundId) return unknown("the answer speaks of another refund", trace);
  const sameMoney = answer["amount"] === asked.amountMinor && answer["currency"] === asked.currency;
  if (result === "approved" && !sameMoney) return unknown("the answer speaks of another amount", trace);
  return { result, told: toldIn(answer), trace };
}

export function judgePay(
  exchange: Exchange,
  secret: string,
  path: string,
  asked: Asked,
  request: Row,
): ChannelAnswer {
  const { result, told, trace } = read(payResults, exchange, secret, path, asked);
  return { ...told, result: result as ChannelResult, evidence: { ...request, ...trace } };
}

/** An inquiry that was not sent has learned nothing. */
export function judgeQuery(
  exchange: Exchange,
  secret: string,
  path: string,
  asked: Asked,
  request: Row,
): ChannelAnswer<InquiryResult> {
  const { result, told, trace } = read(queryResults, exchange, secret, path, asked);
  const learned = result === "notSent" ? "unknown" : (result as InquiryResult);
  return { ...told, result: learned, evidence: { ...request, ...trace } };
}

export function judgeRefund(
  exchange: Exchange,
  secret: string,
  path: string,
  asked: Asked,
  request: Row,
): ChannelAnswer {
  const { result, told, trace } = read(refundResults, exchange, secret, path, asked);
  return { ...told, result: result as ChannelResult, evidence: { ...request, ...trace } };
}

export function judgeRefundQuery(
  exchange: Exchange,
  secret: string,
  path: string,
  asked: Asked,
  request: Row,
): ChannelAnswer<InquiryResult> {
  const { result, told, trace } = read(refundQueryResults, exchange, secret, path, asked);
  const learned = result === "notSent" ? "unknown" : (result as InquiryResult);
  return { ...told, result: learned, evidence: { ...request, ...trace } };
}

export function judgeClose(
  exchange: Exchange,
  secret: string,
  path: string,
  asked: Asked,
  request: Row,
): ChannelAnswer<CloseResult> {
  const { result, told, trace } = read(closeResults, exchange, secret, path, asked);
  return { ...told, result: result as CloseResult, evidence: { ...request, ...trace } };
}

/** The body of a callback whose signature holds. */
export function judgeCallback(body: Json): ChannelAnswer {
  return {
    ...toldIn(body),
    result: resultIn(callbackResults, String(body["code"])),
    evidence: { operation: "callback", response: shown(body) },
  };
}
