/** A small gateway: enough fields, atoms, signals, topics and queues for every rule of the compiler. */
import type { AtomSpec } from "../../../engine/atom.js";
import type { Vocabulary } from "../../../engine/compiler/vocabulary.js";

const answers = ["approved", "declined"] as const;
const answered = Object.fromEntries(answers.map((answer) => [answer, { writes: ["channelResult"] }]));
const inquire = (): never => {
  throw new Error("the compiler runs nothing");
};

const atom = (name: string, rest: Omit<AtomSpec, "name" | "version" | "title">): AtomSpec => ({
  name,
  version: 1,
  title: name,
  ...rest,
});

const atoms: readonly AtomSpec[] = [
  atom("merchant.check", { effect: "pure", reads: ["merchantId"], outcomes: { ok: {}, rejected: {} } }),
  atom("merchant.refuse", { effect: "pure", reads: [], outcomes: { rejected: {} } }),
  atom("risk.score", { effect: "pure", reads: ["amount"], outcomes: { ok: { writes: ["risk"] } } }),
  atom("risk.weigh", { effect: "pure", reads: ["risk"], outcomes: { ok: {} } }),
  atom("risk.guess", { effect: "pure", reads: [], outcomes: { ok: { mayWrite: ["risk"] } } }),
  atom("order.log", {
    effect: "store",
    reads: ["merchantId", "amount"],
    readsIfPresent: ["subject"],
    outcomes: { ok: { writes: ["orderStatus"] } },
    params: {
      type: "object",
      properties: {
        status: { type: "string", enum: ["paying", "paid"], default: "paying" },
        copies: { type: "integer" },
      },
      additionalProperties: false,
    },
  }),
  atom("route.choose", {
    effect: "pure",
    reads: ["amount", "currency"],
    outcomes: { ok: { writes: ["channel"] }, noRoute: {} },
  }),
  atom("payment.open", {
    effect: "store",
    reads: ["channel", "amount"],
    outcomes: { ok: { writes: ["paymentId"] } },
  }),
  atom("payment.record", {
    effect: "store",
    guarded: true,
    reads: ["paymentId"],
    readsIfPresent: ["channelResult"],
    outcomes: { ok: {} },
  }),
  atom("channel.charge", {
    effect: "external",
    reads: ["paymentId", "amount"],
    outcomes: { ...answered, pending: { mayWrite: ["note"] }, notSent: {}, unknown: {} },
    inquire,
  }),
  atom("channel.inquire", {
    effect: "external",
    idempotentBy: "paymentId",
    decides: ["approved", "declined"],
    reads: ["paymentId"],
    outcomes: { ...answered, pending: {}, unknown: {} },
  }),
  atom("channel.look", {
    effect: "external",
    idempotentBy: "paymentId",
    decides: ["approved", "declined"],
    reads: ["paymentId"],
    outcomes: { ...answered, absent: {} },
  }),
  atom("channel.forget", { effect: "external", reads: ["paymentId"], outcomes: { ok: {} } }),
  atom("order.settle", { effect: "store", guarded: true, reads: ["channelResult"], outcomes: { ok: {} } }),
  atom("note.read", { effect: "pure", reads: [], readsIfPresent: ["note"], outcomes: { ok: {} } }),
  atom("note.keep", { effect: "store", reads: [], outcomes: { ok: {} } }),
  atom("notify.send", {
    effect: "external",
    idempotentBy: "orderId",
    reads: ["orderId", "notifyUrl"],
    outcomes: { delivered: {}, undelivered: {} },
  }),
  atom("notify.loose", {
    effect: "external",
    idempotentBy: "orderId",
    reads: ["notifyUrl"],
    outcomes: { delivered: {}, undelivered: {} },
  }),
];

const text = { type: "string", maxLength: 64 } as const;

export const vocabulary: Vocabulary = {
  dictionary: {
    merchantId: { title: "merchant", schema: text },
    type: { title: "transaction type", schema: text },
    orderId: { title: "our number", schema: { type: "string", format: "uuid" } },
    amount: { title: "minor units", schema: { type: "integer", minimum: 1 } },
    currency: { title: "ISO 4217", schema: { type: "string", enum: ["CNY", "EUR"] } },
    subject: { title: "what is paid for", schema: text },
    business: { title: "business", schema: text },
    notifyUrl: { title: "where to tell", schema: { type: "string", format: "http-url" } },
    channel: { title: "channel", schema: text },
    paymentId: { title: "attempt", schema: { type: "string", format: "uuid" } },
    channelResult: { title: "what the channel said", schema: text },
    orderStatus: { title: "state", schema: text },
    risk: { title: "0 to 100", schema: { type: "number" } },
    note: { title: "a remark", schema: text },
    metadata: {
      title: "the merchant's own",
      schema: { type: "object", additionalProperties: { type: "string" } },
    },
    tags: { title: "labels", schema: { type: "array", items: { type: "string" } } },
  },
  atoms: new Map(atoms.map((each) => [each.name, each])),
  signals: {
    paid: { writes: ["channelResult"], resolves: true },
    cancelled: {},
  },
  topics: { "order.settled": { writes: ["notifyUrl", "amount"], mayWrite: ["subject"] } },
  queues: [
    { pattern: "flow.*", module: "flow" },
    { pattern: "channel.{channel}", module: "channel" },
    { pattern: "channel.{channel}.follow", module: "channel" },
    { pattern: "notify", module: "notify" },
  ],
  system: ["merchantId", "type", "orderId"],
};
