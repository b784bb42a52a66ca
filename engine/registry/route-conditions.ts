/**
 * What routing rules may look at: fields of the run, and in `where` the facts of the channel in question. Checked when
 * rules are stored; a condition that does not check never reaches an order.
 */
import { compileCondition, type CelMembers, type Condition, type ConditionResult } from "../conditions.js";
import type { Dictionary } from "../dictionary.js";
import type { ChannelFacts } from "../ports/reference.js";
import type { Row } from "../ports/store.js";

/** Fields a rule may read; `method` and `business` are empty text when the run has none. */
export const routeFields = ["merchantId", "type", "amount", "currency", "method", "business"] as const;

export const routeDictionary: Dictionary = Object.fromEntries(
  routeFields.map((name) => [
    name,
    {
      title: name,
      schema: name === "amount" ? ({ type: "integer" } as const) : ({ type: "string" } as const),
    },
  ]),
);

/** `channel.<fact>` in a `where`; what they mean stands in `route-vocabulary.ts`. */
export const channelMembers = {
  name: "string",
  methods: "list<string>",
  currencies: "list<string>",
  amountMinorMin: "double",
  amountMinorMax: "double",
  weight: "double",
  feeBps: "double",
  feeMinorMin: "double",
  feeMinor: "double",
  successRatio: "double",
  p50Ms: "double",
  p95Ms: "double",
  inFlight: "double",
} as const satisfies CelMembers;

export type ChannelMember = keyof typeof channelMembers;

/** `when` looks at the run alone, `where` at the run and a channel. */
export type RouteConditionKind = "when" | "where";

export const compileRouteCondition = (source: string, kind: RouteConditionKind): ConditionResult =>
  compileCondition(source, routeDictionary, kind === "where" ? { channel: channelMembers } : {});

const compiled = new Map<string, Condition>();
/** Old rule sets leave their conditions behind; far more than one set has. */
const compiledMax = 1_000;

/** Of rules in force. They were checked when they were stored, so a failure here is a defect. */
export function routeCondition(source: string, kind: RouteConditionKind): Condition {
  const key = `${kind} ${source}`;
  const known = compiled.get(key);
  if (known) return known;
  const result = compileRouteCondition(source, kind);
  if (!result.ok) throw new Error(`routing condition ${JSON.stringify(source)}: ${result.message}`);
  if (compiled.size >= compiledMax) compiled.clear();
  compiled.set(key, result.condition);
  return result.condition;
}

/** What `channel` stands for in a `where`. */
export function channelVariable(facts: ChannelFacts, amountMinor: number): Row {
  const { channel: name, feeBps, feeMinorMin, ...rest } = facts;
  const feeMinor = Math.max(Math.ceil((amountMinor * feeBps) / 10_000), feeMinorMin);
  const all: Row = { ...rest, name, feeBps, feeMinorMin, feeMinor };
  return Object.fromEntries(Object.keys(channelMembers).map((member) => [member, all[member]]));
}
