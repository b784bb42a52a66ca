/** What differs between two lists of rules, told by rule: that is how people speak of them. Pure. */
import type { RouteRule } from "../../api/routes";
import { sameRules } from "./draft";

export interface RuleChange {
  readonly kind: "added" | "removed" | "changed";
  readonly name: string;
  readonly before?: RouteRule;
  readonly after?: RouteRule;
}

export interface RuleDifference {
  readonly changes: readonly RuleChange[];
  /** Names in their old and new order, of the rules both have; absent: the order is the same. */
  readonly order?: { readonly before: readonly string[]; readonly after: readonly string[] };
}

export function differenceOf(before: readonly RouteRule[], after: readonly RouteRule[]): RuleDifference {
  const old = new Map(before.map((rule) => [rule.name, rule]));
  const names = new Set(after.map(({ name }) => name));
  const removed = before.filter(({ name }) => !names.has(name));
  const changes = [
    ...after.flatMap((rule) => changeOf(old.get(rule.name), rule)),
    ...removed.map((rule): RuleChange => ({ kind: "removed", name: rule.name, before: rule })),
  ];
  const common = (rules: readonly RouteRule[]): readonly string[] =>
    rules.map(({ name }) => name).filter((name) => old.has(name) && names.has(name));
  const order = { before: common(before), after: common(after) };
  const reordered = order.before.join("\n") !== order.after.join("\n");
  return { changes, ...(reordered ? { order } : {}) };
}

function changeOf(before: RouteRule | undefined, after: RouteRule): readonly RuleChange[] {
  const { name } = after;
  if (!before) return [{ kind: "added", name, after }];
  return sameRules([before], [after]) ? [] : [{ kind: "changed", name, before, after }];
}
