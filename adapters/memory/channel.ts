/**
 * A scripted institution with a ledger of its own. It does not de-duplicate: a repeated charge is charged again, so
 * that the ledger shows what a careless caller would have cost.
 */
import { strict as assert } from "node:assert";
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
import { ScriptedRefunds, type RefundsScript } from "./channel-refunds.js";
import { manifestOf } from "./facts.js";
import { nth, untilAborted } from "./script.js";

/**
 * What happens to a charge. `approved`, `declined`, `pending`, `notSent`: said so, and so it is. `lost`: nothing
 * arrived there, nothing comes back. `silence`: executed, nothing comes back. `garbage`: executed, the answer cannot
 * be read. `deaf`: executed, and the driver does not even hear its signal.
 */
export type ChargeScript =
  "approved" | "declined" | "pending" | "action" | "notSent" | "lost" | "silence" | "garbage" | "deaf";
/** `truth`: what the ledger says. Anything else is said whatever the ledger says. */
export type InquiryScript = "truth" | InquiryResult;

export interface ChannelScript extends RefundsScript {
  /** One entry per call, the last one repeats. Default: `approved`. */
  readonly charge?: readonly ChargeScript[];
  /** Default: `truth`. */
  readonly inquire?: readonly InquiryScript[];
  /** Default: `truth`. */
  readonly close?: readonly (CloseResult | "truth")[];
}

type State = "pending" | "approved" | "declined";

export class ScriptedChannel implements ChannelDriver {
  readonly manifest: ChannelManifest;
  /** Every charge that was executed: payment ids, in order. */
  readonly charged: string[] = [];
  /** Every call, in order. */
  readonly calls: { readonly operation: "charge" | "inquire" | "close"; readonly request: CloseRequest }[] =
    [];
  readonly refunds = new ScriptedRefunds();
  readonly #ledger = new Map<string, State>();

  constructor(
    channel: string,
    public script: ChannelScript = {},
  ) {
    this.manifest = manifestOf(channel, { operations: ["charge", "inquire", "refund", "callback"] });
  }

  countOf(operation: "charge" | "inquire" | "close"): number {
    return this.calls.filter((call) => call.operation === operation).length;
  }

  async charge(request: ChargeRequest, signal: AbortSignal): Promise<ChannelAnswer> {
    const says = nth<ChargeScript>(this.script.charge ?? ["approved"], this.countOf("charge"));
    this.calls.push({ operation: "charge", request });
    const { paymentId } = request;
    const evidence = { says };
    const channelOrderId = `C-${paymentId.slice(-4)}`;
    switch (says) {
      case "approved":
        this.#execute(paymentId);
        return { result: "approved", channelOrderId, code: "00", evidence };
      case "declined":
        this.#ledger.set(paymentId, "declined");
        return { result: "declined", channelOrderId, code: "51", message: "not enough money", evidence };
      case "pending":
        this.#ledger.set(paymentId, "pending");
        return { result: "pending", channelOrderId, evidence };
      case "action":
        this.#ledger.set(paymentId, "pending");
        return { result: "pending", channelOrderId, action: { kind: "qr", content: "scan me" }, evidence };
      case "notSent":
        return { result: "notSent", code: "ECONNREFUSED", message: "connection refused", evidence };
      case "garbage":
        this.#execute(paymentId);
        return { result: "unknown", code: "??", evidence };
      case "lost":
        return untilAborted(signal, says);
      case "silence":
        this.#execute(paymentId);
        return untilAborted(signal, says);
      case "deaf":
        this.#execute(paymentId);
        return new Promise(() => undefined);
    }
  }

  async inquire(request: ChargeRequest): Promise<ChannelAnswer<InquiryResult>> {
    const says = nth<InquiryScript>(this.script.inquire ?? ["truth"], this.countOf("inquire"));
    this.calls.push({ operation: "inquire", request });
    const result = says === "truth" ? (this.#ledger.get(request.paymentId) ?? "absent") : says;
    return { result, evidence: { says, result } };
  }

  /** The payer pays what was pending. */
  payerPays(paymentId: string): void {
    assert.equal(this.#ledger.get(paymentId), "pending", "only what is pending can be paid");
    this.#execute(paymentId);
  }

  /** A callback's body is the payment id; the header `signature` says whether it is genuine. */
  callback({ headers, bodyBase64 }: CallbackIn): CallbackOut {
    const paymentId = Buffer.from(bodyBase64, "base64").toString();
    const reply = (status: number, body: string) => ({ status, contentType: "text/plain", body });
    if (headers["signature"] !== "genuine")
      return { verdict: "forged", why: "bad signature", reply: reply(401, "refused") };
    const answer: ChannelAnswer = { result: "approved", evidence: { paymentId } };
    return { verdict: "genuine", paymentId, answer, reply: reply(200, "success") };
  }

  refund(request: RefundRequest, signal: AbortSignal): Promise<ChannelAnswer> {
    return this.refunds.refund(request, this.script.refund, signal);
  }

  async inquireRefund(request: RefundRequest): Promise<ChannelAnswer<InquiryResult>> {
    return this.refunds.inquire(request, this.script.inquireRefund);
  }

  /** Confirmed unless it was charged; a payment it has never seen stays unknown to it. */
  close(request: CloseRequest): Promise<ChannelAnswer<CloseResult>> {
    const says = nth<CloseResult | "truth">(this.script.close ?? ["truth"], this.countOf("close"));
    this.calls.push({ operation: "close", request });
    const { paymentId } = request;
    const state = this.#ledger.get(paymentId);
    const truth = state === undefined ? "absent" : state === "approved" ? "paid" : "closed";
    const result = says === "truth" ? truth : says;
    if (result === "closed" && state === "pending") this.#ledger.set(paymentId, "declined");
    return Promise.resolve({ result, evidence: { says, result } });
  }

  /** It charges what it should not any more. */
  chargesAnyway(paymentId: string): void {
    this.#execute(paymentId);
  }

  probe(): Promise<ChannelAnswer<ProbeResult>> {
    return Promise.resolve({ result: "answers", evidence: {} });
  }

  async dispose(): Promise<void> {
    return;
  }

  #execute(paymentId: string): void {
    this.charged.push(paymentId);
    this.#ledger.set(paymentId, "approved");
  }
}
