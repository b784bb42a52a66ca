/** `valence order list`: orders by any number somebody holds, or by what they are. Newest first, a page at a time. */
import { type Command, Option } from "commander";
import { formatMinor } from "../../engine/money.js";
import type { FoundOrder, OrderPage } from "../../engine/ports/index.js";
import { adminTarget, callAdmin } from "./admin-client.js";
import { dataOption, jsonOption } from "./options.js";
import { printJson, table, time } from "./print.js";

interface ListOptions {
  readonly data?: string;
  readonly json?: true;
  readonly [filter: string]: string | true | undefined;
}

/** Options whose value goes into the query as it is; the admin API says what is wrong with one. */
const filters = {
  number: [
    "<number>",
    "any number: the order's, the merchant's, the channel's, a payment's, a refund's, a run's",
  ],
  merchantId: ["<merchant>", "of this merchant"],
  type: ["<type>", "of this transaction type"],
  status: ["<status,…>", "in any of these states"],
  channel: ["<channel>", "carried by this channel"],
  from: ["<time>", "accepted from this moment on, e.g. 2026-11-22T08:30:00Z"],
  to: ["<time>", "accepted before this moment"],
  amountMin: ["<minor>", "at least so many minor units"],
  amountMax: ["<minor>", "at most so many minor units"],
  attention: ["<what>", "parked: a person has to decide; stuck: it does not move"],
  after: ["<next>", "go on where the page before ended"],
  limit: ["<count>", "orders on a page, 100 at most (default: 50)"],
} as const;

const flagOf = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

export function addOrderList(order: Command): void {
  const list = order.command("list").description("find orders, newest first");
  for (const [name, [value, what]] of Object.entries(filters))
    list.addOption(new Option(`--${flagOf(name)} ${value}`, what));
  list.addOption(dataOption()).addOption(jsonOption()).action(show);
}

async function show({ data, json, ...options }: ListOptions): Promise<void> {
  const query = new URLSearchParams();
  for (const name of Object.keys(filters)) {
    const value = options[name];
    if (typeof value === "string") query.set(name, value);
  }
  const page = await callAdmin<OrderPage>(adminTarget(data), "GET", `/admin/v1/orders?${query.toString()}`);
  if (json) return printJson(page);
  const head = ["ORDER", "MERCHANT", "THEIR NUMBER", "STATUS", "AMOUNT", "CHANNEL", "ACCEPTED"];
  process.stdout.write(table(head, page.orders.map(rowOf), "no order found"));
  if (page.searchedBackToMs !== undefined)
    process.stdout.write(`searched back to ${time(page.searchedBackToMs)}\n`);
  if (page.next !== undefined) process.stdout.write(`more: --after ${page.next}\n`);
}

const rowOf = (order: FoundOrder): readonly string[] => [
  ...[order.orderId, order.merchantId, order.merchantOrderId],
  `${order.status}${order.parked ? " (parked)" : ""}`,
  formatMinor(order.amountMinor, order.currency),
  order.channel ?? "",
  time(order.acceptedAtMs),
];
