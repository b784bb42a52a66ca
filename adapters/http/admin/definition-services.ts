/** What the admin API serves about definitions: flows, transactions, transaction types. */
import type { AtomSpec } from "../../../engine/atom.js";
import type { CompileResult } from "../../../engine/compiler/compile.js";
import type { Difference } from "../../../engine/compiler/difference.js";
import type { Diagnostic, Plan } from "../../../engine/compiler/plan.js";
import type { DefinitionSet, RunCounts } from "../../../engine/ports/index.js";
import type { Author } from "../../../engine/ports/author.js";
import type { ApplyResult, FlowState, VersionLine } from "../../../engine/registry/definitions.js";
import type { VocabularyView } from "../../../engine/registry/vocabulary-view.js";
import type { DefinitionFile, TypeDefinition } from "../../../engine/schema/definitions.js";
import type { ShadowReport } from "../../../engine/shadow/shadow.js";

/** What cannot be asked of definitions that do not compile is answered with what is wrong with them. */
export type IfSound<T> =
  ({ readonly ok: true } & T) | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] };

export interface ReplayRequest {
  readonly files: readonly DefinitionFile[];
  readonly flow: string;
  /** Recorded runs to play, at most. */
  readonly count: number;
}

export interface DefinitionServices {
  /** Every atom of this build, for titles and effects. */
  readonly atoms: ReadonlyMap<string, AtomSpec>;
  check(files: readonly DefinitionFile[]): CompileResult;
  /** `expectedVersion`: the version the author started from; undefined: whatever is in force. */
  apply(
    files: readonly DefinitionFile[],
    by: Author,
    expectedVersion: number | undefined,
  ): Promise<ApplyResult>;
  /** One flow as it was before its last change. @throws ValenceError `version_unknown` */
  rollback(flow: string, by: Author, expectedVersion: number | undefined): Promise<ApplyResult>;
  /** Everything as it was in an older version. @throws ValenceError `version_unknown` */
  rollbackTo(version: number, by: Author, expectedVersion: number | undefined): Promise<ApplyResult>;
  flows(): Promise<readonly FlowState[]>;
  /** In force now, with its files; undefined on a system nobody has started yet. */
  active(): Promise<DefinitionSet | undefined>;
  /** Newest first. */
  history(): Promise<readonly VersionLine[]>;
  /** @throws ValenceError `version_unknown` */
  version(version: number): Promise<DefinitionSet>;
  /** How the newest runs of a flow went. */
  counts(flow: string): Promise<RunCounts>;
  /** Runs begun per minute, by flow. */
  perMinute(): Promise<Readonly<Record<string, number>>>;
  /** The plan a new run of this type would be pinned to. */
  planOf(type: string): Plan | undefined;
  /** The plan of a flow, now or in an older version. @throws ValenceError `version_unknown`, `not_found` */
  planIn(flow: string, version: number | undefined): Promise<Plan>;
  /** Against what is in force. */
  compare(files: readonly DefinitionFile[]): Promise<IfSound<Difference>>;
  /** @throws ValenceError `field_invalid` when the definitions have no such flow */
  replay(request: ReplayRequest, signal: AbortSignal): Promise<IfSound<ShadowReport>>;
  /**
   * The files (those in force, where none are given) with one more transaction type.
   * @throws ValenceError `field_invalid` when there is such a type
   */
  draftType(
    files: readonly DefinitionFile[] | undefined,
    type: string,
    definition: TypeDefinition,
  ): Promise<readonly DefinitionFile[]>;
  vocabulary(): Promise<VocabularyView>;
}
