/**
 * Route choice: ordered rules, the first that holds and names a usable channel decides; among its usable channels the
 * weights do. Pure: the same key gives the same choice, so a step that runs again chooses the same channel.
 *
 * A channel that is closed, draining or tripped is never chosen, by no rule and not by name. One that is redirected
 * stands for the end of its redirects. One that is missing (its process died a moment ago) is chosen only when nothing
 * else is: its queue keeps the order until it is back, or until another channel can take it.
 */
import { merged } from "../rows.js";
import type { ChannelFacts, RouteRule, RouteTarget } from "../ports/reference.js";
import type { Row } from "../ports/store.js";
import { channelVariable, routeCondition } from "./route-conditions.js";

export interface RouteRequest {
  readonly rules: readonly RouteRule[];
  readonly channels: readonly ChannelFacts[];
  readonly fields: Row;
  /** Channels already tried for this order. */
  readonly without: readonly string[];
  /** The only channel allowed, when the integrator named one. */
  readonly wanted: string | undefined;
  /** Decides among weights; a hexadecimal id. */
  readonly key: string;
}

/** Why something was not chosen: a rule as a whole, or one of its channels. */
export interface PassedOver {
  readonly rule: string;
  readonly channel?: string;
  readonly why: string;
}

export type RouteChoice =
  | {
      readonly chosen: true;
      readonly channel: string;
      readonly rule: string;
      /** The channel the rule named, when its redirect led to the chosen one. */
      readonly redirectedFrom?: string;
      /** Its process is missing: the order will wait. */
      readonly missing: boolean;
      readonly passedOver: readonly PassedOver[];
    }
  | { readonly chosen: false; readonly why: string; readonly passedOver: readonly PassedOver[] };

/** A channel a rule may choose. */
interface Candidate {
  readonly channel: string;
  readonly named: string;
  readonly weight: number;
  readonly rule: string;
}

export function chooseRoute(request: RouteRequest): RouteChoice {
  const passedOver: PassedOver[] = [];
  let lastResort: Candidate | undefined;
  for (const rule of request.rules) {
    if (rule.when !== undefined && !routeCondition(rule.when, "when").evaluate(request.fields)) {
      passedOver.push({ rule: rule.name, why: `does not apply: ${rule.when}` });
      continue;
    }
    const { usable, missing } = candidatesOf(rule, request, passedOver);
    const candidate = pick(usable, request.key);
    if (candidate) return chosen(candidate, false, passedOver);
    lastResort ??= pick(missing, request.key);
  }
  if (lastResort) return chosen(lastResort, true, passedOver);
  return { chosen: false, why: reasonOf(passedOver), passedOver };
}

const chosen = (
  { channel, named, rule }: Candidate,
  missing: boolean,
  passedOver: readonly PassedOver[],
): RouteChoice => ({
  chosen: true,
  channel,
  rule,
  ...(named === channel ? {} : { redirectedFrom: named }),
  missing,
  passedOver,
});

function candidatesOf(
  rule: RouteRule,
  request: RouteRequest,
  passedOver: PassedOver[],
): { readonly usable: readonly Candidate[]; readonly missing: readonly Candidate[] } {
  const usable: Candidate[] = [];
  const missing: Candidate[] = [];
  for (const target of expanded(rule, request.channels)) {
    const judged = judge(target, request);
    const pass = (why: string): void =>
      void passedOver.push({ rule: rule.name, channel: target.channel, why });
    if ("obstacle" in judged) {
      pass(judged.obstacle);
      continue;
    }
    const { facts } = judged;
    const candidate = {
      channel: facts.channel,
      named: target.channel,
      weight: target.weight,
      rule: rule.name,
    };
    if (target.weight <= 0 && request.wanted === undefined) pass(`has no weight in rule ${rule.name}`);
    else if (facts.presence === "live") usable.push(candidate);
    else {
      pass("its process is missing");
      missing.push(candidate);
    }
  }
  return { usable, missing };
}

type WeighedTarget = RouteTarget & { readonly weight: number };

/**
 * `*` stands for every channel the rule does not name itself; one whose own weight is 0 takes part only where it is
 * named.
 */
function expanded({ channels }: RouteRule, known: readonly ChannelFacts[]): readonly WeighedTarget[] {
  const named = new Set(channels.map(({ channel }) => channel));
  const own = (name: string): number => known.find(({ channel }) => channel === name)?.weight ?? 1;
  return channels.flatMap((target) => {
    if (target.channel !== "*") return [{ ...target, weight: target.weight ?? (own(target.channel) || 1) }];
    return known
      .filter(({ channel }) => !named.has(channel))
      .map(({ channel, weight }) => ({
        ...target,
        channel,
        weight: weight === 0 ? 0 : (target.weight ?? weight),
      }));
  });
}

type Judged = { readonly facts: ChannelFacts } | { readonly obstacle: string };

function judge(target: RouteTarget, request: RouteRequest): Judged {
  const { channel: name, where } = target;
  const { channels, wanted, fields, without } = request;
  if (wanted !== undefined && wanted !== name) return { obstacle: "not the channel asked for" };
  const end = redirectEnd(name, channels);
  if (!end) return { obstacle: "not registered" };
  const obstacle = without.includes(end.channel)
    ? "could not be reached"
    : (stateObstacle(end) ?? orderObstacle(end, fields));
  const via = end.channel === name ? "" : `redirected to ${end.channel}: `;
  if (obstacle !== undefined) return { obstacle: `${via}${obstacle}` };
  if (where === undefined) return { facts: end };
  const channel = channelVariable(end, Number(fields["amount"]));
  return routeCondition(where, "where").evaluate(merged(fields, { channel }))
    ? { facts: end }
    : { obstacle: `${via}does not hold: ${where}` };
}

/** The channel that carries what is meant for `name`: itself, or the end of its redirects. They have no cycles. */
export function redirectEnd(name: string, channels: readonly ChannelFacts[]): ChannelFacts | undefined {
  let facts = channels.find(({ channel }) => channel === name);
  for (let steps = 0; facts?.switch === "redirect" && steps < channels.length; steps++) {
    const { redirectTo } = facts;
    facts = channels.find(({ channel }) => channel === redirectTo);
  }
  return facts?.switch === "redirect" ? undefined : facts;
}

/** Why a channel takes no orders at all now. A missing one is no obstacle here: it may be back in a moment. */
function stateObstacle({ switch: position, presence, breaker }: ChannelFacts): string | undefined {
  if (position !== "open") return position;
  if (presence === "gone") return "no module serves it";
  return breaker === "closed" ? undefined : `its breaker is ${breaker}`;
}

/** It takes orders, and a process works on them. */
export const takesOrders = (facts: ChannelFacts): boolean =>
  facts.presence === "live" && stateObstacle(facts) === undefined;

function orderObstacle(facts: ChannelFacts, fields: Row): string | undefined {
  const method = String(fields["method"] ?? "");
  if (method !== "" && !facts.methods.includes(method)) return `does not offer method ${method}`;
  if (!facts.currencies.includes(String(fields["currency"])))
    return `does not take ${String(fields["currency"])}`;
  const amount = Number(fields["amount"]);
  if (amount < facts.amountMinorMin || amount > facts.amountMinorMax) return "amount outside its limits";
  return undefined;
}

/** Whether this channel could take this order now, whatever the rules say. */
export const canCarry = (facts: ChannelFacts, fields: Row): boolean =>
  takesOrders(facts) && orderObstacle(facts, fields) === undefined;

/** Every channel with what stood in its way last. */
function reasonOf(passedOver: readonly PassedOver[]): string {
  const reasons = new Map<string, string>();
  for (const { channel, why } of passedOver) if (channel !== undefined) reasons.set(channel, why);
  const why = [...reasons].map(([channel, reason]) => `${channel}: ${reason}`).join("; ");
  return why === "" ? "no routing rule applies to this order" : why;
}

/** Weighted by the last 32 bits of the key, which are evenly spread in our ids. */
function pick(candidates: readonly Candidate[], key: string): Candidate | undefined {
  const total = candidates.reduce((sum, { weight }) => sum + weight, 0);
  // Only what the integrator named may have no weight, and then it stands alone.
  let point = (Number.parseInt(key.slice(-8), 16) / 2 ** 32) * total;
  for (const candidate of candidates) {
    point -= candidate.weight;
    if (point < 0) return candidate;
  }
  return candidates.at(-1);
}
