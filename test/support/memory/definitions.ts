/** Definition sets and live modules in memory, and the definitions this product ships with. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Plan } from "../../../engine/compiler/plan.js";
import type { DefinitionSet, DefinitionStore } from "../../../engine/ports/definitions.js";
import type { LiveModule, ModuleRegistry } from "../../../engine/ports/modules.js";
import type { DefinitionFile } from "../../../engine/schema/definitions.js";

export function shippedDefinitions(folder = "flows"): readonly DefinitionFile[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".json"))
    .sort()
    .map((path) => ({ path, text: readFileSync(join(folder, path), "utf8") }));
}

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
