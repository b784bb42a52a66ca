/** Definition sets and live modules in memory. */
import type { Plan } from "../../engine/compiler/plan.js";
import type { DefinitionLine, DefinitionSet, DefinitionStore } from "../../engine/ports/definitions.js";
import type { LiveModule, ModuleRegistry } from "../../engine/ports/modules.js";

export class MemoryDefinitions implements DefinitionStore {
  readonly #sets: DefinitionSet[] = [];
  readonly #plans = new Map<string, Plan>();
  /** Awaited before a set is put in force; a test may activate another one meanwhile. */
  beforeActivate: () => Promise<void> = async () => undefined;

  async active(): Promise<DefinitionSet | undefined> {
    return this.#sets.at(-1);
  }

  async history(limit: number): Promise<readonly DefinitionSet[]> {
    return this.#sets.toReversed().slice(0, limit);
  }

  async version(version: number): Promise<DefinitionSet | undefined> {
    return this.#sets.find((set) => set.version === version);
  }

  async lines(limit: number): Promise<readonly DefinitionLine[]> {
    return this.history(limit);
  }

  async plan(hash: string): Promise<Plan | undefined> {
    return this.#plans.get(hash);
  }

  async activate(
    set: Omit<DefinitionSet, "version" | "activatedAtMs">,
    plans: readonly Plan[],
    expectedVersion: number,
  ): Promise<boolean> {
    await this.beforeActivate();
    if (this.#sets.length !== expectedVersion) return false;
    for (const plan of plans) this.#plans.set(plan.hash, plan);
    this.#sets.push({ ...set, version: expectedVersion + 1, activatedAtMs: 0 });
    return true;
  }
}

export class MemoryModules implements ModuleRegistry {
  modules: readonly LiveModule[] = [];

  async live(): Promise<readonly LiveModule[]> {
    return this.modules;
  }
}
