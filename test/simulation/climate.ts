/**
 * What goes wrong in a simulation, and how often. A seed switches each kind of trouble on or off by itself: some
 * defects need a certain trouble, others need it to be absent.
 */
import { limits } from "../../engine/limits.js";
import { Stream } from "./streams.js";

export const busKinds = ["claim", "relay"] as const;
/** `claim`: messages lie in the database. `relay`: a broker stands beside it. */
export type BusKind = (typeof busKinds)[number];

/** What may become of a charge, or a refund, at the institution, beside being approved. */
export const chargeFaults = [
  ...(["decline", "pending", "action", "slow", "hang", "reset-before", "reset-after"] as const),
  ...(["late-charge", "garbage", "error-500", "notSent", "charged-after-all"] as const),
];
export type ChargeFault = (typeof chargeFaults)[number];

export interface Climate {
  readonly seed: number;
  readonly bus: BusKind;
  readonly processes: number;
  readonly orders: number;
  /** Over how long they arrive, and trouble lasts. Milliseconds. */
  readonly troubleMs: number;
  /** Of a commit or a read, at most. Milliseconds. */
  readonly databaseDelayMsMax: number;
  /** Share of batches whose outcome is lost on the way back: half of them were applied. */
  readonly commitLost: number;
  readonly databaseOutages: number;
  readonly referenceOutages: number;
  /** Of publications: lost before they arrive, confirmed to nobody, stored twice. */
  readonly sendLost: number;
  readonly sendUnconfirmed: number;
  readonly sendTwice: number;
  readonly reorder: boolean;
  readonly brokerDelayMsMax: number;
  readonly brokerCuts: number;
  readonly brokerOutages: number;
  /** Times the broker loses its disk; only messages that carry runs with a row are lost. */
  readonly diskLosses: number;
  /** Deaths at a random moment. */
  readonly kills: number;
  /** Share of passages of a named crash point at which the process dies. */
  readonly crash: number;
  readonly stalls: number;
  readonly clockSkewMsMax: number;
  /** Share of charges per fault; the rest is approved. */
  readonly charges: Readonly<Record<ChargeFault, number>>;
  /** Share of inquiries that learn nothing. */
  readonly inquiryUnknown: number;
  readonly callbackNone: number;
  readonly callbackTwice: number;
  readonly callbackLateMsMax: number;
  /** Share of webhooks that end badly; half of them were delivered all the same. */
  readonly webhookFails: number;
  /** Share of orders that are submitted again while they are under way. */
  readonly submittedTwice: number;
  /** Share of orders that are closed by their merchant, whatever has become of them by then. */
  readonly closed: number;
  /** Share of orders that get an end of their own, after which the clock closes them. */
  readonly expiring: number;
  /** Share of orders that refunds are asked of, of paid ones and of others. */
  readonly refunded: number;
  /** Institutions refuse refunds of more than they took. */
  readonly refundsBounded: boolean;
  /** Institutions say of a refund they refused that they refused it; else they have never seen it. */
  readonly refusalsKept: boolean;
  /** Share of orders whose driver is broken: it throws whatever it is asked. */
  readonly poison: number;
}

export function climateOf(seed: number, fixed: Partial<Climate> = {}): Climate {
  const chance = new Stream(seed, "climate");
  const often = (most: number): number => (chance.chance(0.5) ? most * chance.fraction() : 0);
  const times = (most: number): number => (chance.chance(0.5) ? chance.between(1, most) : 0);
  const charges = Object.fromEntries(
    chargeFaults.map((fault) => [fault, chance.chance(0.6) ? chance.fraction() * 0.12 : 0]),
  ) as Record<ChargeFault, number>;
  return {
    seed,
    bus: chance.pick(busKinds),
    processes: chance.between(2, 4),
    orders: 200,
    troubleMs: chance.between(20, 90) * 1_000,
    databaseDelayMsMax: chance.pick([2, 10, 60]),
    commitLost: often(0.02),
    databaseOutages: times(2),
    referenceOutages: times(2),
    sendLost: often(0.1),
    sendUnconfirmed: often(0.1),
    sendTwice: often(0.1),
    reorder: chance.chance(0.5),
    brokerDelayMsMax: chance.pick([0, 5, 100]),
    brokerCuts: times(4),
    brokerOutages: times(2),
    diskLosses: times(1),
    kills: times(8),
    crash: often(0.006),
    stalls: times(5),
    clockSkewMsMax: chance.chance(0.5) ? limits.clockSkewMsMax : 0,
    charges,
    inquiryUnknown: often(0.3),
    callbackNone: often(0.5),
    callbackTwice: often(0.5),
    callbackLateMsMax: chance.pick([50, 5_000, 60_000]),
    webhookFails: often(0.4),
    submittedTwice: often(0.5),
    closed: often(0.4),
    poison: chance.chance(0.3) ? 0.01 : 0,
    expiring: often(0.5),
    refunded: often(0.6),
    refundsBounded: chance.chance(0.5),
    refusalsKept: chance.chance(0.5),
    ...fixed,
  };
}
