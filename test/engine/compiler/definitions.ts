/** A sound set of definitions, and ways to spoil it. */
import type { DefinitionFile } from "../../../engine/schema/definitions.js";

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

export const sound: Readonly<Record<string, Json>> = {
  "types.json": {
    pay: { flow: "pay", title: "Payment" },
    topup: { flow: "pay", title: "Account top-up", set: { business: "topup", subject: "Top-up" } },
  },
  "pay.flow.json": {
    flow: "pay",
    input: ["merchantId", "amount", "currency", "subject"],
    optional: ["business", "notifyUrl"],
    start: "intake",
    stages: {
      intake: {
        transaction: "order.accept",
        queue: "flow.pay",
        on: { ok: "charge", rejected: "end:rejected", noRoute: "end:unroutable" },
      },
      charge: {
        transaction: "channel.charge",
        queue: "channel.{channel}",
        on: {
          approved: "settle",
          declined: "settle",
          notSent: "end:failed",
          pending: "wait",
          unknown: "resolve",
          conflict: "resolve",
        },
      },
      wait: {
        wait: "the payer",
        timeoutMs: [1000, 5000],
        entriesMax: 5,
        on: { paid: "settle", timeout: "resolve", exhausted: "park:undecided" },
      },
      resolve: {
        transaction: "channel.resolve",
        queue: "channel.{channel}.follow",
        on: {
          approved: "settle",
          declined: "settle",
          pending: "wait",
          unknown: "wait",
          conflict: "park:contested",
        },
      },
      settle: {
        transaction: "order.settle",
        queue: "flow.pay",
        on: { ok: "end:settled", conflict: "park:contested" },
      },
    },
  },
  "notify.flow.json": {
    flow: "notify",
    title: "Tell the merchant",
    input: ["notifyUrl"],
    optional: ["subject"],
    subscribe: ["order.settled"],
    start: "send",
    stages: {
      send: {
        transaction: "notify.send",
        queue: "notify",
        on: { delivered: "end:delivered", undelivered: "pause" },
      },
      pause: {
        wait: "the next attempt",
        timeoutMs: 120000,
        entriesMax: 3,
        on: { timeout: "send", exhausted: "end:undelivered" },
      },
    },
  },
  "transactions/order.accept.json": {
    transaction: "order.accept",
    steps: [
      { atom: "merchant.check" },
      { atom: "risk.score", when: "amount > 5000000 && type == 'pay'" },
      { atom: "order.log", with: { status: "paying" } },
      { atom: "route.choose" },
    ],
  },
  "transactions/channel.charge.json": {
    transaction: "channel.charge",
    steps: [{ atom: "payment.open" }, { atom: "channel.charge" }, { atom: "payment.record", always: true }],
  },
  "transactions/channel.resolve.json": {
    transaction: "channel.resolve",
    steps: [{ atom: "channel.inquire" }, { atom: "payment.record", always: true }],
  },
  "transactions/order.settle.json": {
    transaction: "order.settle",
    steps: [{ atom: "order.settle" }],
  },
  "transactions/notify.send.json": {
    transaction: "notify.send",
    steps: [{ atom: "notify.send", retry: { max: 2, delayMs: 100 } }],
  },
};

/** JSON pointer (`-` appends) to a new value; `undefined` removes. */
export type Edits = Readonly<Record<string, Json | undefined>>;

export interface Spoiled {
  /** Per file: edits, the whole text, or `null` for no such file. A new file has text or `{ "": value }`. */
  readonly files: Readonly<Record<string, Edits | string | null>>;
}

export const textOf = (value: Json): string => JSON.stringify(value, null, 2);

export function definitionFiles(changes: Spoiled["files"] = {}): readonly DefinitionFile[] {
  const paths = [...new Set([...Object.keys(sound), ...Object.keys(changes)])];
  return paths.flatMap((path) => {
    const change = changes[path];
    if (change === null) return [];
    if (typeof change === "string") return [{ path, text: change }];
    return [{ path, text: textOf(Object.entries(change ?? {}).reduce(edit, sound[path] ?? null)) }];
  });
}

function edit(value: Json, [pointer, replacement]: readonly [string, Json | undefined]): Json {
  const [first, ...rest] = pointer.split("/").slice(1);
  if (first === undefined) return replacement ?? null;
  const removes = rest.length === 0 && replacement === undefined;
  const next = (child: Json | undefined): Json =>
    edit(child ?? {}, [rest.map((key) => `/${key}`).join(""), replacement]);
  if (Array.isArray(value)) {
    const items = [...(value as readonly Json[])];
    const index = first === "-" ? items.length : Number(first);
    return removes ? items.toSpliced(index, 1) : items.toSpliced(index, 1, next(items[index]));
  }
  const { [first]: child, ...others } = value as { readonly [key: string]: Json };
  if (removes) return others;
  // Spread over the old one, so that an edited member keeps its place.
  return { ...(value as { readonly [key: string]: Json }), [first]: next(child) };
}
