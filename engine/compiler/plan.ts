/** What the compiler produces: flat, frozen, content-hashed JSON. The runtime executes nothing else. */
import type { TextRange } from "../conditions.js";

export type Target =
  | { readonly to: "stage"; readonly stage: string }
  | { readonly to: "end"; readonly state: string }
  | { readonly to: "park"; readonly reason: string };

export interface PlanStep {
  readonly atom: string;
  readonly version: number;
  /** SHA-256 over the atom's declaration: a module whose atom differs does not hold this plan. */
  readonly signature: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly when?: string;
  readonly always: boolean;
  readonly timeoutMs: number;
  readonly retry: { readonly max: number; readonly delayMs: number };
  /** The engine commits the unit of work before this step. */
  readonly barrier: boolean;
  /** The barrier records an intent: on redelivery without a result `inquire` runs instead of the atom. */
  readonly intent: boolean;
}

export interface TransactionStage {
  readonly kind: "transaction";
  readonly transaction: string;
  readonly queue: string;
  readonly steps: readonly PlanStep[];
  readonly on: Readonly<Record<string, Target>>;
  readonly entriesMax?: number;
}

export interface WaitStage {
  readonly kind: "wait";
  readonly wait: string;
  readonly timeoutsMs: readonly number[];
  /** Where the run has it, it goes before `timeoutsMs`. */
  readonly timeoutField?: string;
  readonly on: Readonly<Record<string, Target>>;
  readonly entriesMax?: number;
}

export type PlanStage = TransactionStage | WaitStage;

export interface Plan {
  readonly format: 1;
  readonly flow: string;
  readonly title: string;
  readonly input: readonly string[];
  readonly optional: readonly string[];
  readonly subscribe: readonly string[];
  readonly start: string;
  readonly stages: Readonly<Record<string, PlanStage>>;
  /** SHA-256 hex over everything above. */
  readonly hash: string;
}

export interface TypePlan {
  readonly type: string;
  readonly title: string;
  readonly flow: string;
  readonly set: Readonly<Record<string, unknown>>;
}

export interface Compiled {
  readonly plans: readonly Plan[];
  readonly types: readonly TypePlan[];
}

/** One thing that is wrong, said so that it can be mended: what, where, why, and what to do. */
export interface Diagnostic {
  readonly code: string;
  readonly file: string;
  /** JSON pointer into the file; empty for the whole of it. */
  readonly pointer: string;
  readonly message: string;
  readonly hint: string;
  /** The part of the text at `pointer` that is wrong (a word of a condition); absent: all of it. */
  readonly range?: TextRange;
}
