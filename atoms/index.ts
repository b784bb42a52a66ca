/** Every atom of this build, and the vocabulary definitions are compiled against. */
import type { Atom, OutcomeSpec } from "../engine/atom.js";
import type { QueuePattern, SignalSpec, Vocabulary } from "../engine/compiler/vocabulary.js";
import { accountingEnter } from "./accounting/enter.js";
import { callerAnswer } from "./caller/answer.js";
import { callerRefuse } from "./caller/refuse.js";
import { channelCallback } from "./channel/callback.js";
import { channelCharge } from "./channel/charge.js";
import { channelClose } from "./channel/close.js";
import { channelInquire } from "./channel/inquire.js";
import { merchantCheck } from "./merchant/check.js";
import { notifyAbandon } from "./notify/abandon.js";
import { notifyRecord } from "./notify/record.js";
import { notifyRefund } from "./notify/refund.js";
import { notifySend } from "./notify/send.js";
import { orderAnnounce } from "./order/announce.js";
import { orderClosable } from "./order/closable.js";
import { orderClose } from "./order/close.js";
import { orderFind } from "./order/find.js";
import { orderLog } from "./order/log.js";
import { orderPresent } from "./order/present.js";
import { orderProceed } from "./order/proceed.js";
import { orderRecall } from "./order/recall.js";
import { orderReview } from "./order/review.js";
import { orderRowFields, orderRowMayFields, paymentRowFields, paymentRowMayFields } from "./rows.js";
import { orderSettle } from "./order/settle.js";
import { orderUnpaid } from "./order/unpaid.js";
import { paymentClose } from "./payment/close.js";
import { paymentLate } from "./payment/late.js";
import { paymentNudge } from "./payment/nudge.js";
import { paymentOpen } from "./payment/open.js";
import { paymentRecord } from "./payment/record.js";
import { paymentSend } from "./payment/send.js";
import { refundAnnounce } from "./refund/announce.js";
import { refundAttest } from "./refund/attest.js";
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
import type { AtomPorts } from "./define.js";
import { dictionary, type FieldName } from "./fields.js";

export const atoms: ReadonlyMap<string, Atom<AtomPorts>> = new Map(
  [
    accountingEnter,
    callerAnswer,
    callerRefuse,
    channelCallback,
    channelCharge,
    channelClose,
    channelInquire,
    merchantCheck,
    notifyAbandon,
    notifyRecord,
    notifyRefund,
    notifySend,
    orderAnnounce,
    orderClosable,
    orderClose,
    orderFind,
    orderLog,
    orderPresent,
    orderProceed,
    orderRecall,
    orderReview,
    orderSettle,
    orderUnpaid,
    paymentClose,
    paymentLate,
    paymentNudge,
    paymentOpen,
    paymentRecord,
    paymentSend,
    refundAnnounce,
    refundAttest,
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
  "order.closed": announced,
  "refund.refunded": refundAnnounced,
  "refund.failed": refundAnnounced,
  /** Given back by a person, past the channel. */
  "refund.byHand": refundAnnounced,
  /** An institution calls about a payment that was given up. */
  "payment.late": {
    writes: [...orderRowFields, ...paymentRowFields],
    mayWrite: [...orderRowMayFields, ...paymentRowMayFields],
  },
  /** Charged, and paid for nothing: it has to go back. */
  "payment.surplus": {
    writes: [
      ...["merchantId", "orderId", "merchantOrderId", "type", "paymentId", "channel", "amount", "currency"],
      ...["merchantRefundId", "eventType", "eventAt"],
    ],
    mayWrite: ["reason", "business", "channelOrderId"],
  },
};

export const signals: Readonly<Record<string, SignalSpec>> = {
  /** A reason to ask the channel. */
  "channel.notified": {},
  /** The order is closed, and its payment is one the institution will never charge: its own word, or never sent. */
  "order.closed": { resolves: true },
};

export const queues: readonly QueuePattern[] = [
  { pattern: "flow.*", module: "flow" },
  { pattern: "channel.{channel}", module: "channel:<name>" },
  { pattern: "channel.{channel}.follow", module: "channel:<name>" },
  { pattern: "notify", module: "notify" },
  { pattern: "feed.*", module: "feed" },
];

export const vocabulary: Vocabulary = { dictionary, atoms, signals, topics, queues, system: systemFields };
