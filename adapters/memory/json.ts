/** Values as a database keeps them: what goes in comes out as its JSON, and nobody shares an object with it. */

/** NUL, and halves of surrogate pairs: text that PostgreSQL does not store. */
const suspicious = /[\0\ud800-\udfff]/;
const unstorable = /[\0]|\p{Surrogate}/u;

export const isStorable = (text: string): boolean => !suspicious.test(text) || !unstorable.test(text);

/**
 * A frozen copy of what `JSON.stringify` would keep of a value.
 * @throws TypeError for what is no JSON
 */
export const asJson = <T>(value: T): T => copied(value) as T;

function copied(value: unknown): unknown {
  if (typeof value === "object" && value !== null) return Array.isArray(value) ? listed(value) : kept(value);
  if (typeof value === "bigint") throw new TypeError("a bigint is no JSON");
  if (typeof value === "number" && !Number.isFinite(value)) return null;
  return typeof value === "function" || typeof value === "symbol" ? undefined : value;
}

const listed = (list: readonly unknown[]): readonly unknown[] =>
  Object.freeze(list.map((each) => copied(each) ?? null));

function kept(value: object): unknown {
  if ("toJSON" in value && typeof value.toJSON === "function") return copied(value.toJSON());
  const copy: Record<string, unknown> = {};
  for (const name of Object.keys(value)) {
    const member = copied((value as Record<string, unknown>)[name]);
    if (member !== undefined) copy[name] = member;
  }
  return Object.freeze(copy);
}
