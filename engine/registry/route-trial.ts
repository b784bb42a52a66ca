/**
 * What would rules do to orders that are known? Every order is routed twice with the channels as they are now: by the
 * rules in force and by the proposed ones. Its own id decides among weights both times, so that what differs between
 * the two comes from the rules and not from the dice. What was chosen when the order came stands beside it: there, the
 * channels were as they were then. Pure.
 */
import type { ChannelFacts, RouteRule } from "../ports/reference.js";
import type { Row } from "../ports/store.js";
import { chooseRoute, type RouteChoice } from "./routing.js";

export interface TrialOrder {
  /** A hexadecimal id. */
  readonly orderId: string;
  /** The fields rules may read, and those channels are asked about. */
  readonly fields: Row;
  /** The only channel allowed, when the integrator named one. */
  readonly wanted?: string;
  /** What its first attempt was given to. */
  readonly recorded?: { readonly channel: string; readonly rule: string };
  // -- what a person knows it by; those that nobody placed have neither
  readonly merchantOrderId?: string;
  readonly createdAtMs?: number;
}

/** `channel` null: no channel can take the order, and `why` says so. */
export interface TrialRoute {
  readonly channel: string | null;
  readonly rule?: string;
  readonly redirectedFrom?: string;
  /** Its process is missing: the order would wait for it. */
  readonly missing?: true;
  readonly why?: string;
}

export interface TrialLine extends TrialOrder {
  readonly inForce: TrialRoute;
  readonly proposed: TrialRoute;
}

/** Orders that leave one channel for another; null stands for no channel at all. */
export interface TrialMove {
  readonly from: string | null;
  readonly to: string | null;
  readonly orders: number;
}

export interface TrialSummary {
  readonly orders: number;
  /** By the proposed rules. */
  readonly unroutable: number;
  /** From the rules in force to the proposed ones: what the change does. Most orders first. */
  readonly moved: readonly TrialMove[];
  /** From what was recorded to the proposed rules: switches, breakers and weights of the day count in. */
  readonly movedSince: readonly TrialMove[];
  /** Orders per channel. */
  readonly channels: readonly {
    readonly channel: string | null;
    readonly recorded: number;
    readonly inForce: number;
    readonly proposed: number;
  }[];
  /** Orders each proposed rule decides about, in the order of the rules; one that decides about none is worth a look. */
  readonly rules: readonly { readonly rule: string; readonly orders: number }[];
}

export interface TrialReport {
  readonly summary: TrialSummary;
  readonly lines: readonly TrialLine[];
}

export interface TrialRequest {
  readonly inForce: readonly RouteRule[];
  readonly proposed: readonly RouteRule[];
  readonly channels: readonly ChannelFacts[];
  readonly orders: readonly TrialOrder[];
}

export function tryRules({ inForce, proposed, channels, orders }: TrialRequest): TrialReport {
  const lines = orders.map((order): TrialLine => {
    const route = (rules: readonly RouteRule[]): TrialRoute => {
      const { fields, wanted, orderId: key } = order;
      return shown(chooseRoute({ rules, channels, fields, without: [], wanted, key }));
    };
    return { ...order, inForce: route(inForce), proposed: route(proposed) };
  });
  return { summary: summaryOf(lines, proposed), lines };
}

function shown(choice: RouteChoice): TrialRoute {
  if (!choice.chosen) return { channel: null, why: choice.why };
  const { channel, rule, redirectedFrom, missing } = choice;
  return {
    channel,
    rule,
    ...(redirectedFrom === undefined ? {} : { redirectedFrom }),
    ...(missing ? { missing } : {}),
  };
}

function summaryOf(lines: readonly TrialLine[], proposed: readonly RouteRule[]): TrialSummary {
  const recorded = lines.filter((line) => line.recorded !== undefined);
  return {
    orders: lines.length,
    unroutable: lines.filter((line) => line.proposed.channel === null).length,
    moved: movesOf(lines.map((line) => [line.inForce.channel, line.proposed.channel])),
    movedSince: movesOf(recorded.map((line) => [line.recorded?.channel ?? null, line.proposed.channel])),
    channels: sharesOf(lines),
    rules: proposed.map(({ name: rule }) => ({
      rule,
      orders: lines.filter((line) => line.proposed.rule === rule).length,
    })),
  };
}

type Pair = readonly [from: string | null, to: string | null];

function movesOf(pairs: readonly Pair[]): readonly TrialMove[] {
  const moves = new Map<string, TrialMove>();
  for (const [from, to] of pairs.filter(([from, to]) => from !== to)) {
    const key = JSON.stringify([from, to]);
    moves.set(key, { from, to, orders: (moves.get(key)?.orders ?? 0) + 1 });
  }
  return [...moves.values()].sort((a, b) => b.orders - a.orders);
}

/** By name; what no channel can take comes last. */
function sharesOf(lines: readonly TrialLine[]): TrialSummary["channels"] {
  const chosen = (line: TrialLine): readonly (string | null)[] => [
    ...(line.recorded ? [line.recorded.channel] : []),
    line.inForce.channel,
    line.proposed.channel,
  ];
  const names = [...new Set(lines.flatMap(chosen))].sort((a, b) =>
    a === null ? 1 : b === null ? -1 : a < b ? -1 : 1,
  );
  return names.map((channel) => ({
    channel,
    recorded: lines.filter(({ recorded }) => recorded?.channel === channel).length,
    inForce: lines.filter(({ inForce }) => inForce.channel === channel).length,
    proposed: lines.filter(({ proposed }) => proposed.channel === channel).length,
  }));
}
