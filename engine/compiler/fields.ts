/** What is known about a run's fields at a point of a flow: those that are there on every path that leads to it. */
export type FieldState = ReadonlySet<string>;

export interface FieldWrites {
  readonly writes?: readonly string[];
}

export const fieldState = (fields: Iterable<string>): FieldState => new Set(fields);

export const afterWrites = (state: FieldState, { writes = [] }: FieldWrites): FieldState =>
  fieldState([...state, ...writes]);

/** Two paths meet. A path that does not exist (`undefined`) takes nothing away. */
export const join = (a: FieldState | undefined, b: FieldState): FieldState =>
  a ? fieldState([...a].filter((field) => b.has(field))) : b;

export const sameState = (a: FieldState | undefined, b: FieldState): boolean =>
  // Joining only ever takes away, so equal size is equality.
  a !== undefined && a.size === b.size;
