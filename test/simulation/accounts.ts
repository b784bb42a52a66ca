/** What five books say about one order: the institutions', payments, orders, notifications, accounting entries. */
import type { MemoryBrokerServer } from "../../adapters/memory/broker.js";
import type { MemoryDatabase } from "../../adapters/memory/database.js";
import type { Row } from "../../engine/ports/store.js";
import type { Charge, Institution } from "./institution.js";
import type { Merchant } from "./merchant.js";
import type { Returned } from "./refund-desk.js";
import type { Order } from "./traffic.js";
import type { Watch } from "./watch.js";

export interface Rest {
  readonly database: MemoryDatabase;
  readonly server: MemoryBrokerServer;
  readonly institutions: ReadonlyMap<string, Institution>;
  readonly merchant: Merchant;
  readonly orders: ReadonlyMap<string, Order>;
  readonly watch: Watch;
}

/** Everything that belongs to one order. */
export interface Account {
  readonly order: Order;
  readonly row: Row | undefined;
  readonly runs: readonly Row[];
  readonly payments: readonly Row[];
  readonly charges: readonly Charge[];
  readonly entries: readonly Row[];
  readonly notifications: readonly Row[];
  readonly refunds: readonly Row[];
  /** What the institutions gave back. */
  readonly returned: readonly Returned[];
}

/** Says what is wrong with one order; undefined: nothing. */
export type Check = (account: Account, rest: Rest) => string | undefined;

export const isParked = ({ runs }: Account): boolean => runs.some(({ state }) => state === "parked");

const paidStatuses: readonly unknown[] = ["paid", "partially_refunded", "refunded"];
/** Its money came, whatever has gone back since. */
export const isPaid = ({ row }: Pick<Account, "row">): boolean => paidStatuses.includes(row?.["status"]);

export const sumOf = (amounts: readonly unknown[]): number =>
  amounts.reduce<number>((total, amount) => total + Number(amount), 0);

export function accounts({ database, institutions, orders }: Rest): readonly Account[] {
  const group = (rows: readonly Row[]): Map<string, Row[]> => grouped(rows, ({ orderId }) => String(orderId));
  const [runs, payments] = [group(database.rows("runs")), group(database.rows("payments"))];
  const [entries, notifications] = [
    group(database.rows("accountingFeed")),
    group(database.rows("notifications")),
  ];
  const refunds = group(database.rows("refunds"));
  const returned = grouped(
    [...institutions.values()].flatMap((institution) => institution.refunds.ledger),
    ({ orderId }) => orderId,
  );
  const charges = grouped(
    [...institutions.values()].flatMap((institution) => institution.charges),
    ({ orderId }) => orderId,
  );
  return [...orders.values()].map((order) => ({
    order,
    row: database.find("orders", { orderId: order.orderId }),
    runs: runs.get(order.orderId) ?? [],
    payments: payments.get(order.orderId) ?? [],
    charges: charges.get(order.orderId) ?? [],
    entries: entries.get(order.orderId) ?? [],
    notifications: notifications.get(order.orderId) ?? [],
    refunds: refunds.get(order.orderId) ?? [],
    returned: returned.get(order.orderId) ?? [],
  }));
}

function grouped<T>(list: readonly T[], key: (entry: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const entry of list) {
    const group = groups.get(key(entry));
    if (group) group.push(entry);
    else groups.set(key(entry), [entry]);
  }
  return groups;
}
