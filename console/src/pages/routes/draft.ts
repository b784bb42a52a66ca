/** Rules while they are edited: every rule and target has a key that stays, whatever is moved or renamed. Pure. */
import type { RouteRule, RouteTarget } from "../../api/routes";

export interface DraftTarget {
  readonly key: string;
  readonly channel: string;
  readonly weight: number | null;
  readonly where: string;
}

export interface DraftRule {
  readonly key: string;
  readonly name: string;
  readonly when: string;
  readonly targets: readonly DraftTarget[];
}

export type Draft = readonly DraftRule[];

let made = 0;
const newKey = (): string => `k${++made}`;

const draftTarget = ({ channel, weight, where = "" }: RouteTarget): DraftTarget => ({
  key: newKey(),
  channel,
  weight: weight ?? null,
  where,
});

export const newTarget = (): DraftTarget => draftTarget({ channel: "*" });

export const newRule = (name: string): DraftRule => ({
  key: newKey(),
  name,
  when: "",
  targets: [newTarget()],
});

export const draftOf = (rules: readonly RouteRule[]): Draft =>
  rules.map(({ name, when = "", channels }) => ({
    key: newKey(),
    name,
    when,
    targets: channels.map(draftTarget),
  }));

/** As the API takes them; what was left empty is left out. */
export const rulesOf = (draft: Draft): readonly RouteRule[] =>
  draft.map(({ name, when, targets }) => ({
    name: name.trim(),
    ...(when.trim() === "" ? {} : { when }),
    channels: targets.map(({ channel, weight, where }) => ({
      channel,
      ...(weight === null ? {} : { weight }),
      ...(where.trim() === "" ? {} : { where }),
    })),
  }));

interface Keyed {
  readonly key: string;
}

export const replaced = <Item extends Keyed>(list: readonly Item[], item: Item): readonly Item[] =>
  list.map((each) => (each.key === item.key ? item : each));

export const without = <Item extends Keyed>(list: readonly Item[], key: string): readonly Item[] =>
  list.filter((each) => each.key !== key);

/** `by` -1: one up, 1: one down; at the edge nothing moves. */
export function moved<Item>(list: readonly Item[], index: number, by: -1 | 1): readonly Item[] {
  const target = index + by;
  const [from, to] = [list[index], list[target]];
  if (from === undefined || to === undefined) return list;
  return list.map((item, at) => (at === index ? to : at === target ? from : item));
}

/** Whether two lists of rules say the same, whatever order their members were stored in. */
export const sameRules = (a: readonly RouteRule[], b: readonly RouteRule[]): boolean =>
  JSON.stringify(rulesOf(draftOf(a))) === JSON.stringify(rulesOf(draftOf(b)));
