/** Names the definitions declare, for whoever looks one up. */

/** A name that is known but cannot be relied on is `undefined`, one nobody declared is absent. */
export type Declared<T> = ReadonlyMap<string, T | undefined>;

/** The first declaration of a name counts; a second one has been reported. `broken`: files that have no shape. */
export function declared<T>(
  broken: ReadonlySet<string>,
  sound: readonly (readonly [string, T])[],
): Declared<T> {
  const names = new Map<string, T | undefined>([...broken].map((name) => [name, undefined]));
  for (const [name, value] of [...sound].reverse()) names.set(name, value);
  return names;
}
