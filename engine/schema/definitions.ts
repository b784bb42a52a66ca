/** The shapes operators write. `compiler/shape.ts` checks text against them; nothing else parses definitions. */

/** `flows/types.json`: a transaction type is one line. */
export interface TypeDefinition {
  readonly flow: string;
  readonly title: string;
  /** Fields preset for every run of this type; an integrator cannot send them. */
  readonly set?: Readonly<Record<string, unknown>>;
}
export type TypesFile = Readonly<Record<string, TypeDefinition>>;

/** `<stage>`, `end:<state>` or `park:<reason>` (a person decides). */
export type TargetText = string;

export interface TransactionStageDefinition {
  readonly transaction: string;
  /** A queue name; `{field}` is replaced by the run's field. */
  readonly queue: string;
  /** Every outcome of the transaction, and `exhausted` where `entriesMax` is given. */
  readonly on: Readonly<Record<string, TargetText>>;
  /** How often one run may enter this stage; the entry after that takes `exhausted` instead. */
  readonly entriesMax?: number;
}

export interface WaitStageDefinition {
  /** What the run waits for, in words: shown in the story of an order. */
  readonly wait: string;
  /** One value, or one per entry into this stage (the last one repeats). Milliseconds. */
  readonly timeoutMs: number | readonly number[];
  /** A field that says how long to wait, where the run has it; else `timeoutMs` does. Milliseconds. */
  readonly timeoutField?: string;
  /** `timeout` and the signals this stage takes. */
  readonly on: Readonly<Record<string, TargetText>>;
  readonly entriesMax?: number;
}

export type StageDefinition = TransactionStageDefinition | WaitStageDefinition;

/** `flows/<name>.flow.json` */
export interface FlowDefinition {
  readonly flow: string;
  readonly title?: string;
  /** Fields every run starts with. */
  readonly input: readonly string[];
  /** Fields a run may start with. */
  readonly optional?: readonly string[];
  /** Topics whose events start a run of this flow; the event's fields are its input. */
  readonly subscribe?: readonly string[];
  readonly start: string;
  readonly stages: Readonly<Record<string, StageDefinition>>;
}

export interface StepDefinition {
  readonly atom: string;
  readonly with?: Readonly<Record<string, unknown>>;
  /** CEL over the run's fields; the step is skipped when false. */
  readonly when?: string;
  /** Runs even when an earlier step ended the transaction early. */
  readonly always?: boolean;
  readonly timeoutMs?: number;
  readonly retry?: { readonly max: number; readonly delayMs: number };
}

/** `flows/transactions/<name>.json` */
export interface TransactionDefinition {
  readonly transaction: string;
  readonly title?: string;
  readonly steps: readonly StepDefinition[];
}

/** One file as the operator wrote it; `path` is relative to the definitions folder. */
export interface DefinitionFile {
  readonly path: string;
  readonly text: string;
}
