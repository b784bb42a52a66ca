/**
 * The refunds of an institution. It does not de-duplicate either: one that is sent twice is executed twice. Some
 * institutions refuse what is more than they took, some leave that to who asks.
 */
import { type Clock, sleep } from "../../engine/ports/clock.js";
import type {
  ChannelAnswer,
  ChannelManifest,
  InquiryResult,
  RefundRequest,
} from "../../engine/ports/channel.js";
import type { Call, InstitutionOptions, State } from "./calls.js";
import type { ChargeFault } from "./climate.js";
import { answers, executes, until } from "./faults.js";

import { Stream } from "./streams.js";

/** Money that went back. */
export interface Returned {
  readonly atMs: number;
  readonly refundId: string;
  readonly paymentId: string;
  readonly orderId: string;
  readonly amountMinor: number;
}

export interface RefundDeskOptions extends Omit<InstitutionOptions, "callBack"> {
  readonly manifest: ChannelManifest;
  readonly fault: (chance: Stream) => ChargeFault | "approve";
  /** Whoever asked does not get to hear the answer. */
  readonly learnsNothing: () => boolean;
  /** What it has taken for the payment. */
  readonly paidMinor: (paymentId: string) => number;
}

export class RefundDesk {
  readonly ledger: Returned[] = [];
  readonly #states = new Map<string, State>();
  readonly #chance: Stream;

  constructor(private readonly options: RefundDeskOptions) {
    const { climate, channel } = options;
    this.#chance = new Stream(climate.seed, `refunds of ${channel}`);
  }

  async refund(
    by: string,
    clock: Clock,
    request: RefundRequest,
    signal: AbortSignal,
  ): Promise<ChannelAnswer> {
    const { counts, called, channel, manifest } = this.options;
    const { refundId } = request;
    if (signal.aborted) return { result: "notSent", message: "aborted", evidence: {} };
    const fault = this.options.fault(this.#chance);
    if (fault !== "approve") counts.add(`refund ${fault}`);
    if (fault === "notSent") return { result: "notSent", code: "ECONNREFUSED", evidence: {} };
    const call: Call = { ...this.#call(by, request), operation: "refund" };
    called(call);
    const wayMs = this.#chance.between(1, 60);
    this.#arriveIn(wayMs, fault, request);
    const answer = answers[fault];
    const waitMs = answer === "silence" ? manifest.callTimeoutMs : wayMs + 1 + this.#chance.between(1, 300);
    const told = await until(clock, waitMs, signal, {
      ...(answer === "silence" || answer === "truth" ? { result: "unknown" } : answer),
      evidence: {},
    });
    // What an institution says that speaks the truth is known only when it has decided.
    const isHeard = answer === "truth" && told.message !== "aborted";
    const result = isHeard ? (this.#states.get(refundId) ?? "unknown") : told.result;
    call.says = result;
    return { ...told, result, ...(result === "approved" ? { channelOrderId: `${channel}-back` } : {}) };
  }

  async inquire(
    by: string,
    clock: Clock,
    request: RefundRequest,
    signal: AbortSignal,
  ): Promise<ChannelAnswer<InquiryResult>> {
    const { called, climate, learnsNothing } = this.options;
    const call: Call = { ...this.#call(by, request), operation: "inquireRefund" };
    called(call);
    await sleep(clock, this.#chance.between(1, 60));
    const state = this.#states.get(request.refundId) ?? "absent";
    // The port allows both words for what was refused.
    const truth = state === "declined" && !climate.refusalsKept ? "absent" : state;
    call.truth = truth;
    const result: InquiryResult = learnsNothing() ? "unknown" : truth;
    const told = await until(clock, this.#chance.between(1, 60), signal, { result, evidence: {} });
    call.says = told.result;
    return told;
  }

  #arriveIn(wayMs: number, fault: ChargeFault | "approve", request: RefundRequest): void {
    const { clock, manifest } = this.options;
    const executed = executes[fault];
    if (executed === "never") return;
    if (executed === "maybe" && this.#chance.chance(0.5)) return;
    const lateMs = this.#chance.chance(0.3)
      ? manifest.graceMs - wayMs - 1
      : this.#chance.between(100, manifest.graceMs - wayMs - 1);
    clock.after(fault === "late-charge" ? wayMs + lateMs : wayMs, () => {
      if (executed === "declined" || executed === "after-all") return void this.#settle(request, "declined");
      if (executed !== "pending") return this.#execute(request);
      this.#settle(request, "pending");
      clock.after(this.#chance.between(200, 40_000), () => {
        if (this.#states.get(request.refundId) !== "pending") return;
        if (this.#chance.chance(0.2)) this.#settle(request, "declined");
        else this.#execute(request);
      });
    });
  }

  #settle({ refundId }: RefundRequest, state: State): void {
    if (this.#states.get(refundId) !== "approved") this.#states.set(refundId, state);
  }

  #execute(request: RefundRequest): void {
    const { refundId, paymentId, orderId, amountMinor } = request;
    const { clock, climate, paidMinor } = this.options;
    const before = this.ledger.reduce(
      (sum, each) => sum + (each.paymentId === paymentId ? each.amountMinor : 0),
      0,
    );
    const isTooMuch = before + amountMinor > paidMinor(paymentId);
    if (isTooMuch && climate.refundsBounded) return this.#settle(request, "declined");
    this.ledger.push({ atMs: clock.nowMs(), refundId, paymentId, orderId, amountMinor });
    this.#states.set(refundId, "approved");
  }

  #call(by: string, { refundId, paymentId, orderId }: RefundRequest): Omit<Call, "operation"> {
    const { channel, clock } = this.options;
    return { atMs: clock.nowMs(), by, channel, paymentId, orderId, refundId };
  }
}
