/**
 * An institution that answers as it is told, question by question, and keeps a ledger: what it has executed, and how
 * often. It does not de-duplicate, so that a call that was repeated without need shows as money moved twice. What it
 * has decided it says to everybody who asks.
 */
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
} from "../../../engine/ports/channel.js";
import type { Clock } from "../../../engine/ports/clock.js";
import { manifestOf } from "../facts.js";

/** Answers a question of this institution: what it is asked to do, and what may come of it. */
export type Decide = (what: string, options: readonly string[]) => string;

/**
 * What may come of a request that moves money.
 * approved, declined       said so, and so it is
 * later-approved, -declined the payer or a clerk has to act; decided after a while
 * never                    pending for good
 * not-sent                 nothing was written
 * lost                     nothing arrived, nothing came back
 * silence                  executed, nothing came back
 * garbage                  executed, the answer cannot be read
 * late                     nothing came back; executed a moment later, within the grace time
 * deaf                     executed, and the driver does not even hear that it shall stop
 * breaks                   executed, and the driver fails
 */
const moving = [
  "approved",
  "declined",
  "not-sent",
  "lost",
  "silence",
  "garbage",
  "late",
  "deaf",
  "breaks",
  "later-approved",
  "later-declined",
  "never",
] as const;
/** `mute`: no answer came. */
const asking = ["truth", "mute"] as const;
/** What may come of a close: the truth, or nothing was written, arrived, or came back. */
const closing = ["truth", "not-sent", "lost", "silence"] as const;

/**
 * What cannot be told apart by somebody who comes after a process that died in the call: whether it was never sent or
 * lost on the way.
 */
export const sameToTheNext: Readonly<Record<string, string>> = { "not-sent": "lost" };

const decidesAfterMs = 7_000;
/** Less than the grace time: an institution that needs longer has promised something else. */
const lateByMs = 2_000;

interface Account {
  readonly amountMinor: number;
  /** Times it was executed; more than once is money moved twice. */
  executed: number;
  state: "pending" | "approved" | "declined" | "closed" | "unseen";
  /** What a pending one becomes, and when. */
  becomes?: { readonly state: "approved" | "declined"; readonly atMs: number };
}

export class Institution implements ChannelDriver {
  readonly manifest: ChannelManifest;
  readonly #payments = new Map<string, Account>();
  readonly #refunds = new Map<string, Account>();

  constructor(
    channel: string,
    private readonly clock: Clock,
    private readonly decide: Decide,
  ) {
    this.manifest = manifestOf(channel);
  }

  charge({ paymentId, amountMinor }: ChargeRequest, signal: AbortSignal): Promise<ChannelAnswer> {
    return this.#move("charge", this.#payments, paymentId, amountMinor, signal);
  }

  refund({ refundId, amountMinor }: RefundRequest, signal: AbortSignal): Promise<ChannelAnswer> {
    return this.#move("refund", this.#refunds, refundId, amountMinor, signal);
  }

  inquire({ paymentId }: ChargeRequest): Promise<ChannelAnswer<InquiryResult>> {
    return this.#tell("inquire", this.#payments, paymentId);
  }

  inquireRefund({ refundId }: RefundRequest): Promise<ChannelAnswer<InquiryResult>> {
    return this.#tell("inquireRefund", this.#refunds, refundId);
  }

  async close({ paymentId }: CloseRequest): Promise<ChannelAnswer<CloseResult>> {
    const says = this.decide("close", closing);
    const evidence = { says };
    if (says === "not-sent") return { result: "notSent", evidence };
    if (says === "lost") return { result: "unknown", evidence };
    const account = this.#now(this.#payments.get(paymentId));
    if (account?.state === "pending") account.state = "closed";
    if (says === "silence") return { result: "unknown", evidence };
    if (!account || account.state === "unseen") return { result: "absent", evidence };
    return { result: account.state === "approved" ? "paid" : "closed", evidence };
  }

  /** A callback's body is the payment id; the header `signature` says whether it is genuine. */
  callback({ headers, bodyBase64 }: CallbackIn): CallbackOut {
    const reply = (status: number, body: string) => ({ status, contentType: "text/plain", body });
    if (headers["signature"] !== "genuine")
      return { verdict: "forged", why: "bad signature", reply: reply(401, "refused") };
    const paymentId = Buffer.from(bodyBase64, "base64").toString();
    const answer: ChannelAnswer = { result: "approved", evidence: { paymentId } };
    return { verdict: "genuine", paymentId, answer, reply: reply(200, "success") };
  }

  probe(): Promise<ChannelAnswer<ProbeResult>> {
    return Promise.resolve({ result: "answers", evidence: {} });
  }

  dispose(): Promise<void> {
    return Promise.resolve();
  }

  /** One line per payment and refund that was executed: `charge alpha 1050`, and how often when it was not once. */
  ledger(): readonly string[] {
    const lines = (what: string, accounts: ReadonlyMap<string, Account>): readonly string[] =>
      [...accounts.values()]
        .map((account) => this.#now(account) ?? account)
        .filter(({ executed }) => executed > 0)
        .map(({ amountMinor, executed }) => {
          const times = executed === 1 ? "" : ` ${executed} TIMES`;
          return `${what} ${this.manifest.channel} ${amountMinor}${times}`;
        });
    return [...lines("charge", this.#payments), ...lines("refund", this.#refunds)];
  }

  async #move(
    what: string,
    accounts: Map<string, Account>,
    id: string,
    amountMinor: number,
    signal: AbortSignal,
  ): Promise<ChannelAnswer> {
    const says = this.decide(what, moving);
    const evidence = { says };
    const channelOrderId = numberOf(id);
    if (says === "not-sent") return { result: "notSent", code: "ECONNREFUSED", evidence };
    if (says === "lost") return untilAborted(signal, says);
    const account = this.#now(accounts.get(id)) ?? { amountMinor, executed: 0, state: "unseen" };
    accounts.set(id, account);
    if (account.state === "closed") return { result: "declined", channelOrderId, code: "97", evidence };
    const becomes = (state: "approved" | "declined", inMs: number): void => {
      account.becomes = { state, atMs: this.clock.nowMs() + inMs };
    };
    if (says === "declined") {
      account.state = "declined";
      return { result: "declined", channelOrderId, code: "51", message: "not enough money", evidence };
    }
    if (says === "late") {
      becomes("approved", lateByMs);
      return untilAborted(signal, says);
    }
    if (says === "never" || says.startsWith("later-")) {
      account.state = "pending";
      if (says !== "never") becomes(says === "later-approved" ? "approved" : "declined", decidesAfterMs);
      return { result: "pending", channelOrderId, action: payerAction, evidence };
    }
    account.executed += 1;
    account.state = "approved";
    if (says === "silence") return untilAborted(signal, says);
    if (says === "garbage") return { result: "unknown", code: "??", evidence };
    if (says === "deaf") return new Promise(() => undefined);
    if (says === "breaks") throw new Error("the driver has failed");
    return { result: "approved", channelOrderId, code: "00", evidence };
  }

  async #tell(
    what: string,
    accounts: ReadonlyMap<string, Account>,
    id: string,
  ): Promise<ChannelAnswer<InquiryResult>> {
    const says = this.decide(what, asking);
    const evidence = { says };
    if (says === "mute") return { result: "unknown", evidence };
    const account = this.#now(accounts.get(id));
    if (!account || account.state === "unseen") return { result: "absent", evidence };
    const channelOrderId = numberOf(id);
    if (account.state === "pending")
      return { result: "pending", channelOrderId, action: payerAction, evidence };
    const result = account.state === "approved" ? "approved" : "declined";
    return { result, channelOrderId, evidence };
  }

  /** The account as it is at this moment: what was to be decided may have been. */
  #now(account: Account | undefined): Account | undefined {
    const due = account?.becomes;
    if (!account || !due || due.atMs > this.clock.nowMs()) return account;
    delete account.becomes;
    // Closed before it was decided: it stays closed.
    if (account.state === "closed") return account;
    account.state = due.state;
    if (due.state === "approved") account.executed += 1;
    return account;
  }
}

const numberOf = (id: string): string => `I-${id}`;
const payerAction = { kind: "qr", content: "scan me" } as const;

/** As a driver behaves: it stops when it is told to, and then it does not know. */
const untilAborted = (signal: AbortSignal, says: string): Promise<ChannelAnswer> =>
  new Promise((resolve) => {
    signal.addEventListener("abort", () => {
      resolve({ result: "unknown", message: "no answer", evidence: { says } });
    });
  });
