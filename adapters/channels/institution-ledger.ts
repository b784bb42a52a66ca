/**
 * What the institution knows, and the one place where it changes. An order is born `charged` (approved at once),
 * `waiting` (the payer has to act), `late` (the late-charge fault: the outside is told there is no such order) or
 * `declined`. `waiting` and `late` become `charged`, `declined` or `closed`; nothing else moves.
 *
 * Every change is one JSON line, applied to memory at once and on disk before anyone is answered: all readers wait
 * for `durable()`, so no answer rests on a line that a crash could take back.
 */
import { AppendLog } from "./append-log.js";

export type OrderStatus = "charged" | "waiting" | "late" | "declined" | "closed";

export interface Refund {
  readonly refundId: string;
  /** Minor units. */
  readonly amount: number;
  readonly at: number;
}

export interface Order {
  readonly channelOrderId: string;
  readonly paymentId: string;
  /** Minor units. */
  readonly amount: number;
  readonly currency: string;
  readonly method: string | null;
  readonly status: OrderStatus;
  /** Epoch milliseconds of the last change of `status`. */
  readonly at: number;
  /** What happens by itself, and when (epoch milliseconds). Kept, so that it happens after a restart too. */
  readonly due?: { readonly at: number; readonly status: "charged" | "declined" };
  readonly refunds: readonly Refund[];
}

type Entry =
  | { readonly entry: "order"; readonly order: Omit<Order, "refunds"> }
  | {
      readonly entry: "moved";
      readonly channelOrderId: string;
      readonly status: OrderStatus;
      readonly at: number;
    }
  | { readonly entry: "refund"; readonly channelOrderId: string; readonly refund: Refund }
  | { readonly entry: "closed"; readonly paymentId: string; readonly at: number };

export const refundedOf = (order: Order): number =>
  order.refunds.reduce((sum, refund) => sum + refund.amount, 0);

export class Ledger {
  private readonly orders = new Map<string, Order>();
  private readonly byPayment = new Map<string, string[]>();
  private readonly closedPayments = new Set<string>();
  private log!: AppendLog;

  private constructor(private readonly numberPrefix: string) {}

  /** Reloads the file. Numbers it gives begin with `numberPrefix`. @throws on a line it cannot read, other than a torn last one. */
  static async open(file: string, fsync: boolean, numberPrefix: string): Promise<Ledger> {
    const ledger = new Ledger(numberPrefix);
    ledger.log = await AppendLog.open(file, fsync, (line) => ledger.apply(JSON.parse(line) as Entry));
    return ledger;
  }

  all(): IterableIterator<Order> {
    return this.orders.values();
  }

  ofPayment(paymentId: string): readonly Order[] {
    return (this.byPayment.get(paymentId) ?? []).map((id) => this.orders.get(id)!);
  }

  /** True once a close was confirmed: this payment is never charged again. */
  isClosed(paymentId: string): boolean {
    return this.closedPayments.has(paymentId);
  }

  addOrder(order: Omit<Order, "refunds" | "channelOrderId">): Order {
    const channelOrderId = `${this.numberPrefix}${String(this.orders.size + 1).padStart(12, "0")}`;
    this.record({ entry: "order", order: { channelOrderId, ...order } });
    return this.orders.get(channelOrderId)!;
  }

  /** Moves an undecided order and returns it; undefined when it was decided already: the first word counts. */
  decide(channelOrderId: string, status: "charged" | "declined" | "closed", at: number): Order | undefined {
    const order = this.orders.get(channelOrderId);
    if (order?.status !== "waiting" && order?.status !== "late") return undefined;
    this.record({ entry: "moved", channelOrderId, status, at });
    return this.orders.get(channelOrderId);
  }

  addRefund(channelOrderId: string, refund: Refund): void {
    this.record({ entry: "refund", channelOrderId, refund });
  }

  closePayment(paymentId: string, at: number): void {
    if (!this.isClosed(paymentId)) this.record({ entry: "closed", paymentId, at });
  }

  /** Resolves when everything the caller could have read is on disk. @throws when it cannot be. */
  durable(): Promise<void> {
    return this.log.durable();
  }

  close(): Promise<void> {
    return this.log.close();
  }

  private record(entry: Entry): void {
    this.log.append(JSON.stringify(entry));
    this.apply(entry);
  }

  private apply(entry: Entry): void {
    switch (entry.entry) {
      case "order": {
        const { channelOrderId, paymentId } = entry.order;
        this.orders.set(channelOrderId, { ...entry.order, refunds: [] });
        const siblings = this.byPayment.get(paymentId);
        if (siblings) siblings.push(channelOrderId);
        else this.byPayment.set(paymentId, [channelOrderId]);
        return;
      }
      case "moved": {
        const order = this.known(entry.channelOrderId);
        this.orders.set(order.channelOrderId, { ...order, status: entry.status, at: entry.at });
        return;
      }
      case "refund": {
        const order = this.known(entry.channelOrderId);
        this.orders.set(order.channelOrderId, { ...order, refunds: [...order.refunds, entry.refund] });
        return;
      }
      case "closed":
        this.closedPayments.add(entry.paymentId);
        return;
      default:
        throw new Error(`the ledger holds an entry this version does not know: ${JSON.stringify(entry)}`);
    }
  }

  private known(channelOrderId: string): Order {
    const order = this.orders.get(channelOrderId);
    if (!order) throw new Error(`the ledger speaks of ${channelOrderId} before it exists`);
    return order;
  }
}
