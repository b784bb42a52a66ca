/** Where definition sets are kept. A set is all files together; one is in force, every older one stays readable. */
import type { Plan, TypePlan } from "../compiler/plan.js";
import type { DefinitionFile } from "../schema/definitions.js";

export interface DefinitionSet {
  /** Grows by one with every activation. */
  readonly version: number;
  readonly files: readonly DefinitionFile[];
  readonly types: readonly TypePlan[];
  /** Flow name to plan hash. */
  readonly flows: Readonly<Record<string, string>>;
  readonly author: string;
  readonly reason: string;
  readonly activatedAtMs: number;
}

/** A set without what is written in it. */
export type DefinitionLine = Omit<DefinitionSet, "files">;

export interface DefinitionStore {
  active(): Promise<DefinitionSet | undefined>;
  version(version: number): Promise<DefinitionSet | undefined>;
  /** Newest first. */
  history(limit: number): Promise<readonly DefinitionSet[]>;
  /** The same, lighter. */
  lines(limit: number): Promise<readonly DefinitionLine[]>;
  plan(hash: string): Promise<Plan | undefined>;
  /**
   * Puts a set in force and keeps its plans, with an audit line, in one commit. `expectedVersion` is the version the
   * author started from. @returns false when somebody else activated one meanwhile: nothing was changed.
   */
  activate(
    set: Omit<DefinitionSet, "version" | "activatedAtMs">,
    plans: readonly Plan[],
    expectedVersion: number,
  ): Promise<boolean>;
}
