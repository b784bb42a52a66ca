/** Definitions with every name looked up: what the passes after `resolve` work on. */
import type { AtomSpec } from "../atom.js";
import type { Place } from "./diagnostics.js";
import type { Target } from "./plan.js";
import type { SignalSpec } from "./vocabulary.js";

export interface ResolvedStep {
  readonly place: Place;
  readonly atom: AtomSpec;
  /** The step's `with` and the defaults of the atom's params schema. */
  readonly params: Readonly<Record<string, unknown>>;
  readonly when?: string;
  /** What `when` reads; empty when it does not check. */
  readonly whenReads: readonly string[];
  readonly always: boolean;
  readonly timeoutMs: number;
  readonly retry: { readonly max: number; readonly delayMs: number };
}

export interface ResolvedTransaction {
  readonly name: string;
  readonly place: Place;
  readonly steps: readonly ResolvedStep[];
}

interface StageBase {
  readonly name: string;
  readonly place: Place;
  /** Outcomes as the operator mapped them; `undefined` for a target that does not exist. */
  readonly on: ReadonlyMap<string, Target | undefined>;
  readonly entriesMax?: number;
}

export interface ResolvedTransactionStage extends StageBase {
  readonly kind: "transaction";
  readonly transactionName: string;
  /** Absent when there is none, or none that can be analysed: nothing is said about what depends on it. */
  readonly transaction?: ResolvedTransaction;
  readonly queue: string;
  /** Fields in the queue's template, those that exist. */
  readonly queueReads: readonly string[];
}

export interface ResolvedWaitStage extends StageBase {
  readonly kind: "wait";
  readonly wait: string;
  readonly timeoutsMs: readonly number[];
  readonly timeoutField?: string;
  /** The signals in `on` that exist. */
  readonly signals: ReadonlyMap<string, SignalSpec>;
}

export type ResolvedStage = ResolvedTransactionStage | ResolvedWaitStage;

export interface ResolvedFlow {
  readonly name: string;
  readonly title: string;
  readonly place: Place;
  readonly input: readonly string[];
  readonly optional: readonly string[];
  readonly subscribe: readonly string[];
  readonly start: string;
  readonly stages: ReadonlyMap<string, ResolvedStage>;
}

/** The engine's own outcomes, which no atom declares. */
export const timeoutOutcome = "timeout";
export const exhaustedOutcome = "exhausted";
export const conflictOutcome = "conflict";

/** A member of a record by a name that comes from a definition: `constructor` is not one unless somebody put it there. */
export const own = <T>(record: Readonly<Record<string, T>>, name: string): T | undefined =>
  Object.hasOwn(record, name) ? record[name] : undefined;
