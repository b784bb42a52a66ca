/** Refunds at the scripted institution. It does not de-duplicate: a refund that is sent twice is executed twice. */
import type { ChannelAnswer, InquiryResult, RefundRequest } from "../../engine/ports/channel.js";
import { nth, untilAborted } from "./script.js";

/**
 * What happens to a refund. `approved`, `declined`, `pending`, `notSent`: said so, and so it is. `lost`: nothing
 * arrived there, nothing comes back. `silence`: executed, nothing comes back. `garbage`: executed, the answer cannot be
 * read. `late`: nothing comes back, and it is executed only when the next one is sent.
 */
export type RefundScript =
  "approved" | "declined" | "pending" | "notSent" | "lost" | "silence" | "garbage" | "late";
/** `truth`: what the ledger says. Anything else is said whatever the ledger says. */
export type RefundInquiryScript = "truth" | InquiryResult;

export interface RefundsScript {
  /** One entry per call, the last one repeats. Default: `approved`. */
  readonly refund?: readonly RefundScript[];
  /** Default: `truth`. */
  readonly inquireRefund?: readonly RefundInquiryScript[];
}

export class ScriptedRefunds {
  /** Every refund that was executed, in order. */
  readonly executed: RefundRequest[] = [];
  /** Every call, in order. */
  readonly calls: { readonly operation: "refund" | "inquireRefund"; readonly request: RefundRequest }[] = [];
  readonly #pending = new Set<string>();
  #late: RefundRequest | undefined;

  countOf(operation: "refund" | "inquireRefund"): number {
    return this.calls.filter((call) => call.operation === operation).length;
  }

  async refund(
    request: RefundRequest,
    script: readonly RefundScript[] = ["approved"],
    signal: AbortSignal,
  ): Promise<ChannelAnswer> {
    const says = nth(script, this.countOf("refund"));
    this.calls.push({ operation: "refund", request });
    if (this.#late) this.executed.push(this.#late);
    this.#late = undefined;
    const channelOrderId = `R-${request.refundId.slice(-4)}`;
    const evidence = { says };
    switch (says) {
      case "approved":
        this.executed.push(request);
        return { result: "approved", channelOrderId, code: "00", evidence };
      case "declined":
        return { result: "declined", code: "61", message: "account closed", evidence };
      case "pending":
        this.#pending.add(request.refundId);
        return { result: "pending", channelOrderId, evidence };
      case "notSent":
        return { result: "notSent", code: "ECONNREFUSED", message: "connection refused", evidence };
      case "garbage":
        this.executed.push(request);
        return { result: "unknown", code: "??", evidence };
      case "silence":
        this.executed.push(request);
        return untilAborted(signal, says);
      case "late":
        this.#late = request;
        return untilAborted(signal, says);
      case "lost":
        return untilAborted(signal, says);
    }
  }

  /** What was refused is as if it had never been asked for. */
  inquire(
    request: RefundRequest,
    script: readonly RefundInquiryScript[] = ["truth"],
  ): ChannelAnswer<InquiryResult> {
    const says = nth(script, this.countOf("inquireRefund"));
    this.calls.push({ operation: "inquireRefund", request });
    const result = says === "truth" ? this.#truth(request.refundId) : says;
    return { result, evidence: { says, result } };
  }

  #truth(refundId: string): InquiryResult {
    if (this.executed.some((refund) => refund.refundId === refundId)) return "approved";
    return this.#pending.has(refundId) ? "pending" : "absent";
  }
}
