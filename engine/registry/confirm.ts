/**
 * The last look before an order's first charge: may its channel still have it? Asked by the channel's own module, and
 * by a flow worker that stands in for a channel that sends nothing. Pure.
 *
 * `send`: go on. `moved`: its redirect leads to a channel that can carry the order. `elsewhere`: another channel can
 * take it by the rules. `wait`: nobody can, or operators want it to wait.
 */
import type { ChannelFacts } from "../ports/reference.js";
import { canCarry, chooseRoute, redirectEnd, type RouteRequest, takesOrders } from "./routing.js";

export interface ConfirmRequest {
  readonly channel: string;
  /** This process has the channel's driver. */
  readonly fronts: boolean;
  readonly route: RouteRequest;
}

export type Confirmation =
  | { readonly verdict: "send" }
  | { readonly verdict: "moved"; readonly to: string; readonly why: string }
  | { readonly verdict: "elsewhere" | "wait"; readonly why: string };

export function confirmChannel({ channel, fronts, route }: ConfirmRequest): Confirmation {
  const facts = route.channels.find((each) => each.channel === channel);
  if (!facts) return { verdict: "wait", why: `channel ${channel} is not registered` };
  const why = whyNot(facts, fronts);
  if (why === undefined) {
    return fronts
      ? { verdict: "send" }
      : { verdict: "wait", why: `channel ${channel} is back; its module sends` };
  }
  if (facts.switch === "redirect") {
    const end = redirectEnd(channel, route.channels);
    const open = end && !route.without.includes(end.channel) && canCarry(end, route.fields);
    if (open) return { verdict: "moved", to: end.channel, why };
  }
  if (facts.waiting === "stay") return { verdict: "wait", why };
  const other = chooseRoute({ ...route, without: [...route.without, channel] });
  if (other.chosen && !other.missing) return { verdict: "elsewhere", why };
  return { verdict: "wait", why: `${why}, and no other channel can take the order` };
}

/**
 * Why a channel sends nothing now; undefined when it sends. A draining one sends what it has. A process that `fronts`
 * the channel lives, whatever the others have heard of it.
 */
export function whyNot({ channel, ...facts }: ChannelFacts, fronts: boolean): string | undefined {
  if (facts.switch === "closed") return `channel ${channel} is closed`;
  if (facts.switch === "redirect")
    return `channel ${channel} is redirected to ${facts.redirectTo ?? "nowhere"}`;
  if (facts.presence !== "live" && !fronts) return `no module of channel ${channel} lives`;
  // With `reroute` the driver answers that nothing was sent, and the flow looks for another channel.
  if (facts.waiting === "stay" && facts.breaker !== "closed")
    return `the breaker of channel ${channel} is ${facts.breaker}`;
  return undefined;
}

/**
 * Whether flow workers look after the charges that wait for this channel: only where some may go elsewhere. What has to
 * wait is left in its queue, where it costs nothing.
 */
export function needsStandIn(facts: ChannelFacts, all: readonly ChannelFacts[]): boolean {
  if (whyNot(facts, false) === undefined) return false;
  if (facts.switch !== "redirect" && facts.waiting === "stay") return false;
  return all.some((other) => other.channel !== facts.channel && takesOrders(other));
}
