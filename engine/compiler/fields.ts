/** What is known about a run's fields at a point of a flow. */

/** `must`: there on every path that leads here. `may`: there on some. `must` is part of `may`. */
export interface FieldState {
  readonly must: ReadonlySet<string>;
  readonly may: ReadonlySet<string>;
}

export interface FieldWrites {
  readonly writes?: readonly string[];
  readonly mayWrite?: readonly string[];
}

export const fieldState = (must: Iterable<string>, may: Iterable<string> = []): FieldState => {
  const definite = new Set(must);
  return { must: definite, may: new Set([...definite, ...may]) };
};

export const afterWrites = (state: FieldState, { writes = [], mayWrite = [] }: FieldWrites): FieldState =>
  fieldState([...state.must, ...writes], [...state.may, ...mayWrite]);

/** Two paths meet. A path that does not exist (`undefined`) takes nothing away. */
export function join(a: FieldState | undefined, b: FieldState): FieldState {
  if (!a) return b;
  return fieldState(
    [...a.must].filter((field) => b.must.has(field)),
    [...a.may, ...b.may],
  );
}

export const sameState = (a: FieldState | undefined, b: FieldState): boolean =>
  a !== undefined && a.must.size === b.must.size && a.may.size === b.may.size;
