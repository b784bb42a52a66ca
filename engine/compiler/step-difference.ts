/** What has changed among the steps of a transaction: put in, taken out, moved, done otherwise. */
import { canonicalJson } from "./canonical.js";
import type { Change } from "./change.js";
import type { PlanStep } from "./plan.js";

export function stepChanges(was: readonly PlanStep[], is: readonly PlanStep[]): readonly Change[] {
  const pairs = aligned(was, is);
  return pairs.flatMap(([before, after]): readonly Change[] => {
    if (!before) return [{ what: "step", change: "added", name: after!.atom, after: textOf(after!) }];
    if (!after) return [{ what: "step", change: "removed", name: before.atom, before: textOf(before) }];
    const name = after.atom;
    const texts = { before: textOf(before), after: textOf(after) };
    return [
      ...(texts.before === texts.after ? [] : [{ what: "step", change: "changed", name, ...texts } as const]),
      ...barrierChange(before, after),
    ];
  });
}

function barrierChange(before: PlanStep, after: PlanStep): readonly Change[] {
  if (before.barrier === after.barrier) return [];
  return [{ what: "barrier", change: after.barrier ? "added" : "removed", name: after.atom }];
}

/** All of a step that a definition says, and the atom's version. */
function textOf({ atom, version, params, when, always, timeoutMs, retry }: PlanStep): string {
  const words = [
    `${atom}@${version}`,
    ...(Object.keys(params).length > 0 ? [`with ${canonicalJson(params)}`] : []),
    ...(when === undefined ? [] : [`when ${when}`]),
    ...(always ? ["always"] : []),
    `within ${timeoutMs} ms`,
    ...(retry.max > 0 ? [`again ${retry.max} times after ${retry.delayMs} ms`] : []),
  ];
  return words.join(" ");
}

type Pair = readonly [PlanStep | undefined, PlanStep | undefined];

/** The longest common sequence of atoms stays; everything else was taken out or put in. */
function aligned(was: readonly PlanStep[], is: readonly PlanStep[]): readonly Pair[] {
  // lengths[i][j]: of the longest common sequence of what follows i and j.
  const lengths = Array.from({ length: was.length + 1 }, () => new Array<number>(is.length + 1).fill(0));
  const isSame = (i: number, j: number): boolean => was[i]!.atom === is[j]!.atom;
  for (let i = was.length - 1; i >= 0; i--)
    for (let j = is.length - 1; j >= 0; j--)
      lengths[i]![j] = isSame(i, j)
        ? lengths[i + 1]![j + 1]! + 1
        : Math.max(lengths[i + 1]![j]!, lengths[i]![j + 1]!);
  const pairs: Pair[] = [];
  for (let i = 0, j = 0; i < was.length || j < is.length;) {
    if (i < was.length && j < is.length && isSame(i, j)) pairs.push([was[i++], is[j++]]);
    else if (j >= is.length || (i < was.length && lengths[i + 1]![j]! >= lengths[i]![j + 1]!))
      pairs.push([was[i++], undefined]);
    else pairs.push([undefined, is[j++]]);
  }
  return pairs;
}
