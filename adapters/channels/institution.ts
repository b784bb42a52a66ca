/**
 * The institution's behaviour, without HTTP: a request body in, an answer out, the ledger changed. It does not
 * de-duplicate unless told to: a repeat is charged again, which is how a test finds a caller that repeats.
 */
import type { Json } from "./dialect.js";
import type { Answer, Code } from "./institution-dialect.js";
import type { Fault } from "./institution-faults.js";
import { refundedOf, type Ledger, type Order } from "./institution-ledger.js";

export interface InstitutionOptions {
  readonly ledger: Ledger;
  /** A repeated paymentId or refundId gets the first answer again instead of a second effect. */
  readonly dedupe: boolean;
  readonly payerDelayMs: number;
  /** A close of a payment nobody has seen is confirmed, and then it is never charged. False: it is `NOT_FOUND`. */
  readonly closesUnseen: boolean;
  readonly nowMs: () => number;
  /** Draws what the payer of a QR code does. */
  readonly payerFault: (order: {
    paymentId: string;
    amount: number;
    method: string | null;
  }) => Fault | undefined;
  /** An order with `due` was added: arm its timer. */
  readonly onDue: (order: Order) => void;
}

const methodsAtOnce: readonly (string | null)[] = [null, "card", "wallet"];

/** Names the payment when the request did: a refusal that names none could be taken for one of any payment. */
const invalid = (message: string, paymentId?: unknown): Answer => ({
  code: "INVALID_REQUEST",
  message,
  ...(isText(paymentId) ? { paymentId } : {}),
});
const isText = (value: unknown): value is string =>
  typeof value === "string" && value !== "" && value.length <= 128;
const isAmount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) > 0;

/** Which order speaks for a payment that has several: what moved money first, then what still may. */
const rank: Readonly<Record<Order["status"], number>> = {
  charged: 0,
  waiting: 1,
  closed: 2,
  declined: 3,
  late: 4,
};

const words: Readonly<Record<Order["status"], readonly [Code, string]>> = {
  charged: ["APPROVED", "The payment was charged"],
  waiting: ["WAITING_PAYER", "The payer has not paid yet"],
  declined: ["DECLINED", "The payment was declined"],
  closed: ["CLOSED", "The payment was closed unpaid"],
  late: ["NOT_FOUND", "No such payment"],
};

/** How an order is told to the outside; a `late` one does not exist there. */
export function tell(order: Order): Answer {
  const [code, message] = words[order.status];
  if (order.status === "late") return { code, message, paymentId: order.paymentId };
  return {
    code,
    message,
    paymentId: order.paymentId,
    channelOrderId: order.channelOrderId,
    amount: order.amount,
    currency: order.currency,
    ...(order.status === "charged" ? { refunded: refundedOf(order), at: order.at } : {}),
    ...(order.status === "waiting"
      ? { action: { kind: "qr", content: `https://sim.invalid/q/${order.channelOrderId}` } as const }
      : {}),
  };
}

export class Institution {
  constructor(private readonly options: InstitutionOptions) {}

  pay(body: Json, fault: Fault | undefined): Answer {
    const { paymentId, amount, currency } = body;
    const method = (body["method"] ?? null) as string | null;
    if (!isText(paymentId)) return invalid("paymentId must be text of 1 to 128 characters");
    if (!isAmount(amount)) return invalid("amount must be a positive integer in minor units", paymentId);
    if (typeof currency !== "string" || !/^[A-Z]{3}$/.test(currency))
      return invalid("currency must be ISO 4217", paymentId);
    if (method !== "qr" && !methodsAtOnce.includes(method))
      return invalid("method must be card, qr or wallet", paymentId);

    const { ledger, nowMs } = this.options;
    if (ledger.isClosed(paymentId))
      return { code: "CLOSED", message: words.closed[1], paymentId, amount, currency };
    const known = this.options.dedupe ? this.speaking(paymentId) : undefined;
    if (known) return this.repeat(known, amount, currency);

    const at = nowMs();
    const order = { paymentId, amount, currency, method, at };
    if (fault?.kind === "decline") return tell(ledger.addOrder({ ...order, status: "declined" }));
    if (fault?.kind === "late-charge")
      return this.later({ ...order, status: "late", due: { at: at + fault.delayMs, status: "charged" } });
    if (method !== "qr") return tell(ledger.addOrder({ ...order, status: "charged" }));

    const payer = this.options.payerFault(order);
    if (payer?.kind === "hang") return tell(ledger.addOrder({ ...order, status: "waiting" }));
    const dueAt = at + (payer?.kind === "slow" ? payer.delayMs : this.options.payerDelayMs);
    const status = payer?.kind === "decline" ? "declined" : "charged";
    return this.later({ ...order, status: "waiting", due: { at: dueAt, status } });
  }

  query(body: Json): Answer {
    const { paymentId } = body;
    if (!isText(paymentId)) return invalid("paymentId must be text of 1 to 128 characters");
    const order = this.speaking(paymentId);
    if (order && order.status !== "late") return tell(order);
    if (this.options.ledger.isClosed(paymentId))
      return { code: "CLOSED", message: words.closed[1], paymentId };
    return { code: "NOT_FOUND", message: words.late[1], paymentId };
  }

  /** Once confirmed, the payment is refused for good, also when it arrives later. */
  close(body: Json): Answer {
    const { paymentId } = body;
    if (!isText(paymentId)) return invalid("paymentId must be text of 1 to 128 characters");
    const { ledger, nowMs } = this.options;
    const orders = ledger.ofPayment(paymentId);
    const charged = orders.find((order) => order.status === "charged");
    if (charged) return { ...tell(charged), code: "ALREADY_PAID", message: "The payment was charged before" };
    if (!this.options.closesUnseen && orders.every(({ status }) => status === "late"))
      return { code: "NOT_FOUND", message: words.late[1], paymentId };
    for (const order of orders) ledger.decide(order.channelOrderId, "closed", nowMs());
    ledger.closePayment(paymentId, nowMs());
    return { code: "CLOSED", message: words.closed[1], paymentId };
  }

  /** Partial and repeated up to the charge; never more, also without de-duplication. */
  refund(body: Json, fault: Fault | undefined): Answer {
    const { refundId, paymentId, amount, channelOrderId } = body;
    if (!isText(refundId) || !isText(paymentId))
      return invalid("refundId and paymentId must be text", paymentId);
    if (!isAmount(amount)) return invalid("amount must be a positive integer in minor units", paymentId);
    const { ledger, dedupe, nowMs } = this.options;
    const charged = ledger
      .ofPayment(paymentId)
      .filter((order) => order.status === "charged")
      .filter((order) => channelOrderId === undefined || order.channelOrderId === channelOrderId);
    const refunded = {
      code: "REFUNDED",
      message: "The refund was executed",
      refundId,
      paymentId,
      amount,
    } as const;
    const earlier = charged.flatMap((order) => order.refunds).find((refund) => refund.refundId === refundId);
    if (dedupe && earlier) return { ...refunded, amount: earlier.amount, currency: charged[0]?.currency };
    if (fault?.kind === "decline")
      return { code: "DECLINED", message: "The refund was declined", refundId, paymentId };
    if (charged.length === 0) return { code: "NOT_FOUND", message: "No such charge", refundId, paymentId };
    const order = charged.find((candidate) => candidate.amount - refundedOf(candidate) >= amount);
    if (!order)
      return { code: "REFUND_EXCEEDS", message: "More than is left of the charge", refundId, paymentId };
    ledger.addRefund(order.channelOrderId, { refundId, amount, at: nowMs() });
    return { ...refunded, currency: order.currency, channelOrderId: order.channelOrderId };
  }

  /** Only executed refunds are known: one that was refused is as if it had never been asked for. */
  refundQuery(body: Json): Answer {
    const { refundId, paymentId } = body;
    if (!isText(refundId) || !isText(paymentId))
      return invalid("refundId and paymentId must be text", paymentId);
    for (const { refunds, currency, channelOrderId } of this.options.ledger.ofPayment(paymentId)) {
      const { amount } = refunds.find((refund) => refund.refundId === refundId) ?? {};
      if (amount !== undefined) {
        const message = "The refund was executed";
        return { code: "REFUNDED", message, refundId, paymentId, amount, currency, channelOrderId };
      }
    }
    return { code: "NOT_FOUND", message: "No such refund", refundId, paymentId };
  }

  /** Every charge and refund of one UTC day. */
  bill(day: unknown): Answer {
    if (typeof day !== "string" || !/^\d{4}-\d{2}-\d{2}$/.test(day)) return invalid("day must be YYYY-MM-DD");
    const rows: Json[] = [];
    for (const order of this.options.ledger.all()) {
      const { paymentId, channelOrderId, currency, amount } = order;
      const row = { paymentId, channelOrderId, currency };
      if (order.status === "charged") rows.push({ kind: "charge", ...row, amount, at: order.at });
      for (const refund of order.refunds) rows.push({ kind: "refund", ...row, ...refund });
    }
    const ofDay = rows.filter((row) => new Date(row["at"] as number).toISOString().startsWith(day));
    return { code: "OK", message: "The bill", day, rows: ofDay };
  }

  private later(order: Parameters<Ledger["addOrder"]>[0]): Answer {
    const added = this.options.ledger.addOrder(order);
    this.options.onDue(added);
    return tell(added);
  }

  private speaking(paymentId: string): Order | undefined {
    return [...this.options.ledger.ofPayment(paymentId)].sort((a, b) => rank[a.status] - rank[b.status])[0];
  }

  /** De-duplication: the first order answers. A late one is charged now, and so not again when it is due. */
  private repeat(order: Order, amount: number, currency: string): Answer {
    if (order.amount !== amount || order.currency !== currency)
      return invalid("paymentId was used with another amount or currency", order.paymentId);
    if (order.status !== "late") return tell(order);
    const charged = this.options.ledger.decide(order.channelOrderId, "charged", this.options.nowMs());
    return tell(charged ?? order);
  }
}
