/** Series of one metric, found by the values of their labels: a payment is counted dozens of times, so it has to be quick. */

export type Labels = Readonly<Record<string, string>>;

export class SeriesMap<State> {
  /** By the values of their labels, in the order they are declared. */
  readonly #series = new Map<string, State>();

  /** @param create called once for each new series, before anything is counted in it; throws when labels do not fit */
  constructor(
    private readonly names: readonly string[],
    private readonly create: (labels: Labels) => State,
  ) {}

  of(labels: Labels): State {
    let key = "";
    for (const name of this.names) key += `${labels[name] ?? ""}\n`;
    let state = this.#series.get(key);
    if (state === undefined) this.#series.set(key, (state = this.create({ ...labels })));
    return state;
  }

  all(): Iterable<State> {
    return this.#series.values();
  }
}
