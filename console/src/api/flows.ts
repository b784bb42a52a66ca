/** Flows: what is in force and was, what a change would change, trying it on recorded runs, putting it in force. */
import type { ChangedBy } from "../shared/ReasonDialog";
import { get, post, segment } from "./client";

export interface DefinitionFile {
  readonly path: string;
  readonly text: string;
}

export interface FlowState {
  readonly flow: string;
  readonly title: string;
  readonly hash: string;
  readonly types: readonly string[];
  readonly sinceVersion: number;
  readonly sinceMs: number;
  readonly author: string;
}

export interface TransactionType {
  readonly type: string;
  readonly title: string;
  readonly flow: string;
  readonly set: Readonly<Record<string, unknown>>;
}

export interface Definitions {
  /** 0: nothing is in force. */
  readonly version: number;
  readonly files: readonly DefinitionFile[];
  readonly types?: readonly TransactionType[];
  readonly author?: string;
  readonly reason?: string;
  readonly activatedAtMs?: number;
}

export interface VersionLine {
  readonly version: number;
  readonly author: string;
  readonly reason: string;
  readonly atMs: number;
  readonly changed: readonly string[];
}

export interface Diagnostic {
  readonly code: string;
  readonly file: string;
  /** JSON pointer into the file; empty for the whole of it. */
  readonly pointer: string;
  readonly message: string;
  readonly hint: string;
}

export type Effect = "pure" | "store" | "external";

export interface GraphStep {
  readonly atom: string;
  readonly version: number;
  readonly title: string;
  readonly effect?: Effect;
  readonly params: Readonly<Record<string, unknown>>;
  readonly when?: string;
  readonly always: boolean;
  readonly timeoutMs: number;
  readonly retry: { readonly max: number; readonly delayMs: number };
  readonly barrier: boolean;
  readonly intent: boolean;
}

export type GraphNode =
  | {
      readonly kind: "transaction";
      readonly id: string;
      readonly stage: string;
      readonly transaction: string;
      readonly queue: string;
      readonly steps: readonly GraphStep[];
      readonly entriesMax?: number;
    }
  | {
      readonly kind: "wait";
      readonly id: string;
      readonly stage: string;
      readonly wait: string;
      readonly timeoutsMs: readonly number[];
      readonly timeoutField?: string;
      readonly entriesMax?: number;
    }
  | { readonly kind: "end"; readonly id: string; readonly state: string }
  | { readonly kind: "park"; readonly id: string; readonly reason: string };

export interface GraphEdge {
  readonly from: string;
  readonly to: string;
  readonly outcome: string;
}

export interface FlowGraph {
  readonly flow: string;
  readonly title: string;
  readonly hash: string;
  readonly input: readonly string[];
  readonly optional: readonly string[];
  readonly subscribe: readonly string[];
  readonly start: string;
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
}

export interface EndSummary {
  readonly end: string;
  readonly path: readonly string[];
  readonly commits: number;
  readonly exhausted: boolean;
}

export interface FlowDrawing {
  readonly graph: FlowGraph;
  readonly summary: { readonly ends: readonly EndSummary[] };
}

export interface RunCounts {
  readonly runs: number;
  readonly fromMs: number;
  readonly toMs: number;
  readonly ways: readonly { readonly stage: string; readonly outcome: string; readonly count: number }[];
  readonly standing: readonly {
    readonly stage: string;
    readonly state: "open" | "waiting" | "parked";
    readonly count: number;
  }[];
}

interface Unsound {
  readonly ok: false;
  readonly diagnostics: readonly Diagnostic[];
}

export type Checked =
  | Unsound
  | {
      readonly ok: true;
      readonly flows: readonly (FlowDrawing & { readonly flow: string; readonly title: string })[];
      readonly types: readonly TransactionType[];
    };

export type ChangeWord = "added" | "removed" | "changed";

export interface Change {
  readonly what: string;
  readonly change: ChangeWord;
  readonly stage?: string;
  readonly name: string;
  readonly before?: string;
  readonly after?: string;
}

export interface FlowDifference {
  readonly flow: string;
  readonly change: ChangeWord;
  readonly changes: readonly Change[];
}

export interface TypeDifference {
  readonly type: string;
  readonly change: ChangeWord;
  readonly before?: Omit<TransactionType, "type">;
  readonly after?: Omit<TransactionType, "type">;
}

export type Compared =
  | Unsound
  | {
      readonly ok: true;
      readonly flows: readonly FlowDifference[];
      readonly types: readonly TypeDifference[];
    };

export interface PathStep {
  readonly stage: string;
  readonly outcome: string;
}

export interface RunDifference {
  readonly kind: "path" | "fields" | "rows" | "starts" | "answer";
  readonly at: number;
  readonly stage: string;
  readonly before: Readonly<Record<string, unknown>>;
  readonly after: Readonly<Record<string, unknown>>;
}

export interface ReplayedRun {
  readonly runId: string;
  readonly type: string;
  readonly atMs: number;
  readonly recorded: { readonly path: readonly PathStep[]; readonly end: string };
  readonly replayed: { readonly path: readonly PathStep[]; readonly end?: string };
  readonly verdict: "same" | "differs" | "unknown";
  /** Of `differs`. */
  readonly difference?: RunDifference;
  /** Of `unknown`. */
  readonly stage?: string;
  readonly why?: string;
}

export interface ReplayReport {
  readonly ok: true;
  readonly flow: string;
  readonly runs: readonly ReplayedRun[];
  readonly same: number;
  readonly differs: number;
  readonly unknown: number;
  /** Recorded runs that there was no time for. */
  readonly left: number;
  readonly elapsedMs: number;
}

export interface AtomView {
  readonly name: string;
  readonly version: number;
  readonly title: string;
  readonly effect: Effect;
  readonly reads: readonly string[];
  readonly readsIfPresent?: readonly string[];
  readonly outcomes: Readonly<
    Record<string, { readonly writes?: readonly string[]; readonly mayWrite?: readonly string[] }>
  >;
  readonly params?: { readonly properties?: Readonly<Record<string, FieldSchema>> };
}

export interface FieldSchema {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
}

export interface FieldView {
  readonly name: string;
  readonly title: string;
  readonly schema: FieldSchema;
  readonly class: "open" | "mask" | "seal";
  readonly system: boolean;
  readonly example?: unknown;
}

export interface Vocabulary {
  readonly atoms: readonly AtomView[];
  readonly fields: readonly FieldView[];
  readonly signals: readonly { readonly name: string }[];
  readonly topics: readonly { readonly name: string }[];
  readonly queues: readonly {
    readonly pattern: string;
    readonly module: string;
    readonly served: readonly string[];
  }[];
}

export interface Applied {
  readonly version: number;
  readonly changed: readonly string[];
}

export interface TypeDraft {
  readonly type: string;
  readonly flow: string;
  readonly title: string;
  readonly set?: Readonly<Record<string, unknown>>;
}

type Reads<Result> = (signal?: AbortSignal) => Promise<Result>;
const reading =
  <Result>(path: string): Reads<Result> =>
  (signal) =>
    get<Result>(path, signal ? { signal } : {});

export const fetchFlows = async (signal?: AbortSignal): Promise<readonly FlowState[]> =>
  (await reading<{ flows: readonly FlowState[] }>("/flows")(signal)).flows;
/** Runs begun per minute, by flow. */
export const fetchRates = async (signal?: AbortSignal): Promise<Readonly<Record<string, number>>> =>
  (await reading<{ perMinute: Readonly<Record<string, number>> }>("/flows/rates")(signal)).perMinute;
export const fetchDefinitions = reading<Definitions>("/flows/definitions");
export const fetchHistory = async (signal?: AbortSignal): Promise<readonly VersionLine[]> =>
  (await reading<{ history: readonly VersionLine[] }>("/flows/history")(signal)).history;
export const fetchVersion = (version: number, signal?: AbortSignal): Promise<Definitions> =>
  reading<Definitions>(`/flows/versions/${version}`)(signal);
export const fetchDrawing = (flow: string, signal?: AbortSignal): Promise<FlowDrawing> =>
  reading<FlowDrawing>(`/flows/${segment(flow)}/graph`)(signal);
export const fetchCounts = (flow: string, signal?: AbortSignal): Promise<RunCounts> =>
  reading<RunCounts>(`/flows/${segment(flow)}/counts`)(signal);
export const fetchVocabulary = reading<Vocabulary>("/vocabulary");

type Files = readonly DefinitionFile[];
const asking = (signal?: AbortSignal): { signal?: AbortSignal } => (signal ? { signal } : {});

export const checkFiles = (files: Files, signal?: AbortSignal): Promise<Checked> =>
  post<Checked>("/flows/check", { files }, asking(signal));
export const compareFiles = (files: Files, signal?: AbortSignal): Promise<Compared> =>
  post<Compared>("/flows/compare", { files }, asking(signal));
/** @throws ApiError `field_invalid` */
export const replayFiles = (
  files: Files,
  flow: string,
  count: number,
  signal?: AbortSignal,
): Promise<ReplayReport | Unsound> =>
  post<ReplayReport | Unsound>("/flows/replay", { files, flow, count }, asking(signal));
/** @throws ApiError `field_invalid` when there is such a type */
export const draftType = async (files: Files, draft: TypeDraft): Promise<Files> =>
  (await post<{ files: Files }>("/flows/types/draft", { files, ...draft })).files;
/** @throws ApiError `definitions_superseded`, `definitions_unsound`, `definitions_unserved` */
export const applyFiles = (files: Files, expectedVersion: number, by: ChangedBy): Promise<Applied> =>
  post<Applied>("/flows/apply", { files, expectedVersion, ...by });
/** @throws ApiError `version_unknown`, `definitions_superseded` */
export const rollBackTo = (version: number, expectedVersion: number, by: ChangedBy): Promise<Applied> =>
  post<Applied>("/flows/rollback", { version, expectedVersion, ...by });
