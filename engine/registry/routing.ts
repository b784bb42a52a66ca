/**
 * Route choice: ordered rules, the first that holds and names a usable channel decides; among its usable channels the
 * weights do. Pure: the same key gives the same choice, so a step that runs again chooses the same channel.
 */
import { compileCondition, type Condition } from "../conditions.js";
import type { Dictionary } from "../dictionary.js";
import type { ChannelFacts, RouteRule } from "../ports/reference.js";
import type { Row } from "../ports/store.js";

/** Fields a rule may read; `method` and `business` are empty text when the run has none. */
export const routeFields = ["merchantId", "type", "amount", "currency", "method", "business"] as const;

const routeDictionary: Dictionary = Object.fromEntries(
  routeFields.map((name) => [
    name,
    {
      title: name,
      schema: name === "amount" ? ({ type: "integer" } as const) : ({ type: "string" } as const),
    },
  ]),
);

const compiled = new Map<string, Condition>();

/** Type-checks a rule's condition. Rules are checked when they are stored, so a failure here is a defect. */
export function routeCondition(source: string): Condition {
  const known = compiled.get(source);
  if (known) return known;
  const result = compileCondition(source, routeDictionary);
  if (!result.ok) throw new Error(`routing condition ${JSON.stringify(source)}: ${result.message}`);
  compiled.set(source, result.condition);
  return result.condition;
}

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

export type RouteChoice =
  | { readonly chosen: true; readonly channel: string; readonly rule: string }
  | { readonly chosen: false; readonly why: string };

export function chooseRoute(request: RouteRequest): RouteChoice {
  const reasons = new Map<string, string>();
  for (const rule of request.rules) {
    if (rule.when !== undefined && !routeCondition(rule.when).evaluate(request.fields)) continue;
    const usable = rule.channels.filter(({ channel, weight }) => {
      const obstacle = weight > 0 ? obstacleOf(channel, request) : `has no weight in rule ${rule.name}`;
      if (obstacle !== undefined) reasons.set(channel, obstacle);
      return obstacle === undefined;
    });
    const channel = pick(usable, request.key);
    if (channel !== undefined) return { chosen: true, channel, rule: rule.name };
  }
  const why = [...reasons].map(([channel, reason]) => `${channel}: ${reason}`).join("; ");
  return { chosen: false, why: why === "" ? "no routing rule applies to this order" : why };
}

function obstacleOf(name: string, { channels, fields, without, wanted }: RouteRequest): string | undefined {
  const facts = channels.find(({ channel }) => channel === name);
  if (!facts) return "not registered";
  if (wanted !== undefined && wanted !== name) return "not the channel asked for";
  if (without.includes(name)) return "could not be reached";
  if (facts.switch !== "open") return facts.switch;
  const method = String(fields["method"] ?? "");
  if (method !== "" && !facts.methods.includes(method)) return `does not offer method ${method}`;
  if (!facts.currencies.includes(String(fields["currency"])))
    return `does not take ${String(fields["currency"])}`;
  const amount = Number(fields["amount"]);
  if (amount < facts.amountMinorMin || amount > facts.amountMinorMax) return "amount outside its limits";
  return undefined;
}

/** Weighted by the last 32 bits of the key, which are evenly spread in our ids. */
function pick(usable: RouteRule["channels"], key: string): string | undefined {
  const total = usable.reduce((sum, { weight }) => sum + weight, 0);
  let point = (Number.parseInt(key.slice(-8), 16) / 2 ** 32) * total;
  for (const { channel, weight } of usable) {
    point -= weight;
    if (point < 0) return channel;
  }
  return usable.at(-1)?.channel;
}
