/** The definitions in force in this process, and every older plan that a run may still be pinned to. */
import type { Plan } from "../compiler/plan.js";
import type { Row } from "../ports/store.js";

export interface ActiveType {
  readonly type: string;
  readonly title: string;
  /** Fields preset by the type. */
  readonly set: Row;
  readonly plan: Plan;
}

export interface Catalogue {
  /** Number of the active definition set; grows with every apply and rollback. 0: none yet. */
  readonly version: number;
  types(): readonly ActiveType[];
  type(name: string): ActiveType | undefined;
  /** Active plans by flow. */
  plans(): readonly Plan[];
  /** Any plan ever activated, by hash; loaded from the store when this process has not seen it. */
  plan(hash: string): Promise<Plan | undefined>;
  /** Called after the active set changed in this process. */
  onChange(listener: () => void): () => void;
}
