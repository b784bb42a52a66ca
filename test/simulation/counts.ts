/** What happened in simulations, counted by name: kills, faults, orders. */
export class Counts {
  readonly #counts: Map<string, number>;

  constructor(entries: Iterable<readonly [string, number]> = []) {
    this.#counts = new Map(entries);
  }

  /** To be sent to another thread. */
  get entries(): readonly (readonly [string, number])[] {
    return [...this.#counts];
  }

  add(name: string, by = 1): void {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + by);
  }

  of(name: string): number {
    return this.#counts.get(name) ?? 0;
  }

  merge(other: Counts): void {
    for (const [name, count] of other.#counts) this.add(name, count);
  }

  /** Sorted by name: `kill 12`. */
  lines(): readonly string[] {
    return [...this.#counts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, count]) => `${name} ${count}`);
  }
}
