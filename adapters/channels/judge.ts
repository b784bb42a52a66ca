/**
 * What an exchange means. Only an answer that can be trusted, speaks of what was asked and carries a code of the
 * status map decides anything; all the rest is `unknown`.
 */
import type { ChannelAnswer } from "../../engine/ports/channel.js";
import type { Row } from "../../engine/ports/store.js";
import type { Heard, Received, Results, Told } from "./dialect.js";
import type { Exchange } from "./exchange.js";

/** What was asked about, to be recognised in the answer. Amount and currency must be those of what was approved. */
export interface About {
  readonly paymentId: string;
  readonly refundId?: string;
  readonly amountMinor?: number;
  readonly currency?: string;
}

const textMax = { channelOrderId: 128, code: 64, message: 512 } as const;
const quotedTexts = ["channelOrderId", "code", "message"] as const;

export const resultIn = <Result extends string>(
  results: Results<Result>,
  code: string,
): Result | "unknown" => (Object.hasOwn(results, code) ? results[code]! : "unknown");

/** The institution's number, code, words and action, cut to what the dictionary holds. */
export function quoted({ action, ...told }: Told): Omit<ChannelAnswer, "result" | "evidence"> {
  const said: Partial<Record<keyof typeof textMax, string>> = {};
  for (const name of quotedTexts) {
    const text = told[name];
    if (text !== undefined && text !== "") said[name] = text.slice(0, textMax[name]);
  }
  return action === undefined ? said : { action, ...said };
}

/** Why an answer does not speak of what was asked, or undefined when it does. */
function mistaken(told: Told, about: About, result: string): string | undefined {
  if (told.paymentId !== about.paymentId) return "the answer speaks of another payment";
  if (told.refundId !== about.refundId) return "the answer speaks of another refund";
  const sameMoney = told.amountMinor === about.amountMinor && told.currency === about.currency;
  return result === "approved" && !sameMoney ? "the answer speaks of another amount" : undefined;
}

/** @param request what goes into the evidence about the question. */
export function judge<Result extends string>(
  exchange: Exchange,
  results: Results<Result>,
  about: About,
  hear: (received: Received) => Heard,
  request: Row,
): ChannelAnswer<Result | "notSent" | "unknown"> {
  const failed = <R extends "notSent" | "unknown">(result: R, why: string, trace: Row = {}) => ({
    result,
    message: why.slice(0, textMax.message),
    evidence: { failure: why, ...request, ...trace },
  });
  if (exchange.outcome === "notSent") return failed("notSent", exchange.why);
  if (exchange.outcome === "silent") return failed("unknown", exchange.why);
  const { status } = exchange;
  if (status >= 500) return failed("unknown", `HTTP ${status}`, { status });
  const heard = hear(exchange);
  if (!heard.trusted) return failed("unknown", `the answer cannot be trusted: ${heard.why}`, { status });
  const response = heard.told.shown;
  const result = resultIn(results, heard.told.code);
  const mistake = mistaken(heard.told, about, result);
  if (mistake !== undefined) return failed("unknown", mistake, { status, response });
  return { result, evidence: { status, response, ...request }, ...quoted(heard.told) };
}
