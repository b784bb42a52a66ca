/**
 * A payment institution with a ledger of its own. It does not de-duplicate: a charge that is sent twice is executed
 * twice. What arrives is executed, whether whoever sent it still lives or not; it answers inquiries with what it knows.
 */
import { manifestOf } from "../../adapters/memory/facts.js";
import { type Clock, sleep } from "../../engine/ports/clock.js";
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
} from "../../engine/ports/channel.js";
import type { Call, InstitutionOptions, State } from "./calls.js";
import type { ChargeFault } from "./climate.js";
import { answers, executes, until } from "./faults.js";
import { RefundDesk } from "./refund-desk.js";
import { Stream } from "./streams.js";

export interface Charge {
  readonly atMs: number;
  readonly channel: string;
  readonly paymentId: string;
  readonly orderId: string;
  readonly amountMinor: number;
}

export class Institution {
  readonly charges: Charge[] = [];
  readonly refunds: RefundDesk;
  readonly states = new Map<string, State>();
  readonly #closed = new Set<string>();
  readonly manifest: ChannelManifest;
  /** No trouble any more: what is asked is answered. */
  fair = false;
  readonly #chance: Stream;

  constructor(private readonly options: InstitutionOptions) {
    const { channel, climate } = options;
    this.#chance = new Stream(climate.seed, `institution ${channel}`);
    this.manifest = manifestOf(channel, {
      graceMs: 12_000,
      concurrencyMax: 64,
      breaker: { failureRatio: 0.6, minimumCalls: 20, windowMs: 10_000, openForMs: 5_000 },
    });
    this.refunds = new RefundDesk({
      ...{ ...options, manifest: this.manifest },
      fault: (chance) => this.#fault(chance),
      learnsNothing: () => this.#learnsNothing(),
      paidMinor: (paymentId) =>
        this.charges.reduce((sum, each) => sum + (each.paymentId === paymentId ? each.amountMinor : 0), 0),
    });
  }

  /** The driver in the process `by`, whose clock it waits with. */
  driver(by: string, clock: Clock): ChannelDriver {
    return {
      manifest: this.manifest,
      charge: (request, signal) => this.#charge(by, clock, request, signal),
      inquire: (request, signal) => this.#inquire(by, clock, request, signal),
      refund: (request, signal) => this.refunds.refund(by, clock, request, signal),
      inquireRefund: (request, signal) => this.refunds.inquire(by, clock, request, signal),
      close: (request, signal) => this.#close(by, clock, request, signal),
      callback: (callback) => verified(callback),
      probe: (): Promise<ChannelAnswer<ProbeResult>> => Promise.resolve({ result: "answers", evidence: {} }),
      dispose: () => Promise.resolve(),
    };
  }

  async #charge(
    by: string,
    clock: Clock,
    request: ChargeRequest,
    signal: AbortSignal,
  ): Promise<ChannelAnswer> {
    const { paymentId, orderId } = request;
    const says = (answer: Omit<ChannelAnswer, "evidence">): ChannelAnswer => ({ ...answer, evidence: {} });
    if (signal.aborted) return says({ result: "notSent", message: "aborted" });
    const fault = this.#fault(this.#chance);
    if (fault !== "approve") this.options.counts.add(`channel ${fault}`);
    if (fault === "notSent") return says({ result: "notSent", code: "ECONNREFUSED" });
    const call: Call = { ...this.#call(by, request), operation: "charge" };
    this.options.called(call);
    if (this.options.isPoison(orderId)) throw new Error("the driver is broken");
    const wayMs = this.#chance.between(1, 60);
    this.#arriveIn(wayMs, fault, request);
    const answer = answers[fault];
    const result: ChannelAnswer = says(
      answer === "truth"
        ? { result: this.states.get(paymentId) === "declined" ? "declined" : "approved" }
        : answer === "silence"
          ? { result: "unknown", message: "no answer" }
          : answer,
    );
    const waitMs = answer === "silence" ? this.manifest.callTimeoutMs : wayMs + this.#chance.between(1, 300);
    const told = await until(clock, waitMs, signal, result);
    call.says = told.result;
    return told.result === "declined" || told.result === "approved" || told.result === "pending"
      ? { ...told, channelOrderId: `${this.options.channel}-${paymentId.slice(-6)}` }
      : told;
  }

  #fault(chance: Stream): ChargeFault | "approve" {
    if (this.fair) return "approve";
    const { charges } = this.options.climate;
    const total = Object.values(charges).reduce((sum, share) => sum + share, 0);
    return chance.weighted({ ...charges, approve: Math.max(0.2, 1 - total) });
  }

  /** What the request does when it arrives, whoever still waits for the answer. */
  #arriveIn(wayMs: number, fault: ChargeFault | "approve", request: ChargeRequest): void {
    const { clock } = this.options;
    const { paymentId } = request;
    const executed = executes[fault];
    if (executed === "never") return;
    if (executed === "maybe" && this.#chance.chance(0.5)) return;
    // Within the grace time, counted from when it was sent; the last moment is as good as any.
    const lateMs = this.#chance.chance(0.3)
      ? this.manifest.graceMs - wayMs - 1
      : this.#chance.between(100, this.manifest.graceMs - wayMs - 1);
    clock.after(fault === "late-charge" ? wayMs + lateMs : wayMs, () => {
      if (executed === "declined") return void this.#settle(paymentId, "declined");
      if (executed === "after-all") return this.#chargeAfterAll(request);
      if (executed !== "pending") return this.#execute(request);
      this.states.set(paymentId, "pending");
      clock.after(this.#chance.between(200, 40_000), () => this.#payerDecides(request));
    });
  }

  /** It has said no, and takes the money later; of that it tells until it is heard. */
  #chargeAfterAll(request: ChargeRequest): void {
    const { clock, callBack, channel } = this.options;
    this.#settle(request.paymentId, "declined");
    clock.after(this.#chance.pick([500, 5_000, 30_000]), () => {
      this.#execute(request);
      callBack(channel, request.paymentId, true);
    });
  }

  #payerDecides(request: ChargeRequest): void {
    if (this.states.get(request.paymentId) !== "pending") return;
    if (this.#chance.chance(0.2)) this.#settle(request.paymentId, "declined");
    else this.#execute(request);
    this.#callBack(request.paymentId);
  }

  #settle(paymentId: string, state: State): void {
    if (this.states.get(paymentId) !== "approved") this.states.set(paymentId, state);
  }

  #execute({ paymentId, orderId, amountMinor }: ChargeRequest): void {
    const { channel, clock } = this.options;
    if (this.#closed.has(paymentId)) return;
    this.charges.push({ atMs: clock.nowMs(), channel, paymentId, orderId, amountMinor });
    this.states.set(paymentId, "approved");
    if (this.#chance.chance(0.2)) this.#callBack(paymentId);
  }

  #callBack(paymentId: string): void {
    const { climate, clock, channel, callBack, counts } = this.options;
    if (!this.fair && this.#chance.chance(climate.callbackNone)) return counts.add("callback none");
    const times = !this.fair && this.#chance.chance(climate.callbackTwice) ? 2 : 1;
    if (times > 1) counts.add("callback twice");
    for (let n = 0; n < times; n++)
      clock.after(this.#chance.between(1, climate.callbackLateMsMax), () => callBack(channel, paymentId));
  }

  async #inquire(
    by: string,
    clock: Clock,
    request: ChargeRequest,
    signal: AbortSignal,
  ): Promise<ChannelAnswer<InquiryResult>> {
    const call: Call = { ...this.#call(by, request), operation: "inquire" };
    this.options.called(call);
    if (this.options.isPoison(request.orderId)) throw new Error("the driver is broken");
    await sleep(clock, this.#chance.between(1, 60));
    const truth = this.states.get(request.paymentId) ?? "absent";
    call.truth = truth;
    const result: InquiryResult = this.#learnsNothing() ? "unknown" : truth;
    const told = await until(clock, this.#chance.between(1, 60), signal, { result, evidence: {} });
    call.says = told.result;
    return told;
  }

  /** What is pending is never charged from now on; what it has never seen it promises nothing about. */
  async #close(
    by: string,
    clock: Clock,
    request: CloseRequest,
    signal: AbortSignal,
  ): Promise<ChannelAnswer<CloseResult>> {
    const call: Call = { ...this.#call(by, request), operation: "close" };
    this.options.called(call);
    if (this.options.isPoison(request.orderId)) throw new Error("the driver is broken");
    await sleep(clock, this.#chance.between(1, 60));
    const { paymentId } = request;
    const state = this.states.get(paymentId);
    if (state === "pending") {
      this.#closed.add(paymentId);
      this.states.set(paymentId, "declined");
    }
    const truth = state === undefined ? "absent" : state === "approved" ? "paid" : "closed";
    const result: CloseResult = this.#learnsNothing() ? "unknown" : truth;
    const answer: ChannelAnswer<CloseResult> = { result, evidence: {} };
    const told = await until(clock, this.#chance.between(1, 60), signal, answer);
    call.says = told.result;
    return told;
  }

  /** Whoever asked does not get to hear the answer. */
  #learnsNothing(): boolean {
    const { climate, counts } = this.options;
    if (this.fair || !this.#chance.chance(climate.inquiryUnknown)) return false;
    counts.add("inquiry unknown");
    return true;
  }

  #call(by: string, { paymentId, orderId }: CloseRequest): Omit<Call, "operation"> {
    const { channel, clock } = this.options;
    return { atMs: clock.nowMs(), by, channel, paymentId, orderId };
  }
}

/** A callback's body is the payment id. */
function verified({ bodyBase64 }: CallbackIn): CallbackOut {
  const paymentId = Buffer.from(bodyBase64, "base64").toString();
  const reply = { status: 200, contentType: "text/plain", body: "success" };
  return { verdict: "genuine", paymentId, answer: { result: "approved", evidence: {} }, reply };
}
