import type { Definitions } from "../../../api/flows";
import { changedPaths, type Draft, textOf } from "../draft";

/**
 * One's own changes on top of what is in force now, where nobody else has touched the same files. Undefined: somebody
 * has, and a person has to put the two together.
 */
export function rebased(draft: Draft, inForce: Definitions): Draft | undefined {
  const own = changedPaths(draft);
  const theirs = changedPaths({ base: draft.base, files: inForce.files });
  if (own.some((path) => theirs.includes(path))) return undefined;
  const kept = inForce.files.filter(({ path }) => !own.includes(path));
  const written = own.flatMap((path) => {
    const text = textOf(draft.files, path);
    return text === undefined ? [] : [{ path, text }];
  });
  return { base: inForce, files: [...kept, ...written].sort((a, b) => (a.path < b.path ? -1 : 1)) };
}
