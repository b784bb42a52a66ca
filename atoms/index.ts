/** Every atom of this build, and the vocabulary definitions are compiled against. */
import type { Atom, OutcomeSpec } from "../engine/atom.js";
import type { QueuePattern, Vocabulary } from "../engine/compiler/vocabulary.js";
import { accountingEnter } from "./accounting/enter.js";
import { callerAnswer } from "./caller/answer.js";
import { channelCallback } from "./channel/callback.js";
import { channelCharge } from "./channel/charge.js";
import { channelInquire } from "./channel/inquire.js";
import type { AtomPorts } from "./define.js";
import { dictionary, type FieldName } from "./fields.js";
import { merchantCheck } from "./merchant/check.js";
import { notifyAbandon } from "./notify/abandon.js";
import { notifyRecord } from "./notify/record.js";
import { notifyRefund } from "./notify/refund.js";
import { notifySend } from "./notify/send.js";
import { orderAnnounce } from "./order/announce.js";
import { orderLog } from "./order/log.js";
import { orderPresent } from "./order/present.js";
import { orderRecall } from "./order/recall.js";
import { orderSettle } from "./order/settle.js";
import { paymentOpen } from "./payment/open.js";
import { paymentRecord } from "./payment/record.js";
import { refundAnnounce } from "./refund/announce.js";
import { refundFind } from "./refund/find.js";
import { refundInquire } from "./refund/inquire.js";
import { refundLog } from "./refund/log.js";
import { refundRecall } from "./refund/recall.js";
import { refundRecord } from "./refund/record.js";
import { refundRelease } from "./refund/release.js";
import { refundReserve } from "./refund/reserve.js";
import { refundSend } from "./refund/send.js";
import { refundSettle } from "./refund/settle.js";
import { riskLimit } from "./risk/limit.js";
import { routeChoose } from "./route/choose.js";
import { routeConfirm } from "./route/confirm.js";
import { routePermit } from "./route/permit.js";

export const atoms: ReadonlyMap<string, Atom<AtomPorts>> = new Map(
  [
    accountingEnter,
    callerAnswer,
    channelCallback,
    channelCharge,
    channelInquire,
    merchantCheck,
    notifyAbandon,
    notifyRecord,
    notifyRefund,
    notifySend,
    orderAnnounce,
    orderLog,
    orderPresent,
    orderRecall,
    orderSettle,
    paymentOpen,
    paymentRecord,
    refundAnnounce,
    refundFind,
    refundInquire,
    refundLog,
    refundRecall,
    refundRecord,
    refundRelease,
    refundReserve,
    refundSend,
    refundSettle,
    riskLimit,
    routeChoose,
    routeConfirm,
    routePermit,
  ].map((atom) => [atom.name, atom]),
);

/** Fields the bridge puts into every run; no integrator sends them and no type presets them. */
export const systemFields = ["merchantId", "type", "orderId"] as const satisfies readonly FieldName[];

const announced = {
  writes: [...orderAnnounce.reads, "notificationId", "eventType", "eventAt"],
  mayWrite: orderAnnounce.readsIfPresent ?? [],
};

const refundAnnounced = {
  writes: [
    ...refundAnnounce.reads.filter((field) => field !== "orderType"),
    ...["type", "notificationId", "eventType", "eventAt"],
  ],
  mayWrite: refundAnnounce.readsIfPresent ?? [],
};

export const topics: Readonly<Record<string, OutcomeSpec>> = {
  "order.paid": announced,
  "order.failed": announced,
  "refund.refunded": refundAnnounced,
  "refund.failed": refundAnnounced,
  /** Charged, and paid for nothing: it goes back. `merchantRefundId` as `refund/surplus.ts` makes it. */
  "payment.surplus": {
    writes: [
      ...["merchantId", "orderId", "merchantOrderId", "type", "paymentId", "channel", "amount", "currency"],
      ...["merchantRefundId", "eventType", "eventAt"],
    ],
    mayWrite: ["reason", "business", "channelOrderId"],
  },
};

export const signals: Readonly<Record<string, OutcomeSpec>> = { "channel.notified": {} };

export const queues: readonly QueuePattern[] = [
  { pattern: "flow.*", module: "flow" },
  { pattern: "channel.{channel}", module: "channel:<name>" },
  { pattern: "channel.{channel}.follow", module: "channel:<name>" },
  { pattern: "notify", module: "notify" },
  { pattern: "feed.*", module: "feed" },
];

export const vocabulary: Vocabulary = { dictionary, atoms, signals, topics, queues, system: systemFields };
