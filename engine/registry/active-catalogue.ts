/** The catalogue of one process: the active set, reloaded when its version moves, and every plan seen so far. */
import type { Plan } from "../compiler/plan.js";
import type { DefinitionStore } from "../ports/definitions.js";
import type { ActiveType, Catalogue } from "./catalogue.js";

export class ActiveCatalogue implements Catalogue {
  #version = 0;
  #types: ReadonlyMap<string, ActiveType> = new Map();
  #plans: readonly Plan[] = [];
  readonly #byHash = new Map<string, Plan>();
  readonly #listeners = new Set<() => void>();

  constructor(private readonly definitions: DefinitionStore) {}

  get version(): number {
    return this.#version;
  }

  types(): readonly ActiveType[] {
    return [...this.#types.values()];
  }

  type(name: string): ActiveType | undefined {
    return this.#types.get(name);
  }

  plans(): readonly Plan[] {
    return this.#plans;
  }

  async plan(hash: string): Promise<Plan | undefined> {
    const known = this.#byHash.get(hash);
    if (known) return known;
    const plan = await this.definitions.plan(hash);
    if (plan) this.#byHash.set(hash, plan);
    return plan;
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Loads the set in force. The old one stays until the new one is complete. */
  async refresh(): Promise<void> {
    const set = await this.definitions.active();
    if (!set || set.version <= this.#version) return;
    const plans: Plan[] = [];
    for (const hash of Object.values(set.flows)) {
      const plan = await this.plan(hash);
      if (plan) plans.push(plan);
    }
    // Versions only grow: a newer set may have been loaded while this one's plans were fetched.
    if (set.version <= this.#version) return;
    const byFlow = new Map(plans.map((plan) => [plan.flow, plan]));
    const types = set.types.flatMap(({ type, title, set: preset, flow }) => {
      const plan = byFlow.get(flow);
      return plan ? [[type, { type, title, set: preset, plan }] as const] : [];
    });
    this.#plans = plans;
    this.#types = new Map(types);
    this.#version = set.version;
    for (const listener of this.#listeners) listener();
  }
}
