/** What the admin API serves, as functions: it knows neither database nor engine internals. */
import type { Compiled, Diagnostic, Plan } from "../../../engine/compiler/plan.js";
import type { DeadLetter, LiveModule, QueueDepth } from "../../../engine/ports/index.js";
import type { ApplyResult, Author, FlowState } from "../../../engine/registry/definitions.js";
import type { DefinitionFile } from "../../../engine/schema/definitions.js";

export interface AdminServices {
  /** Bearer token every call must carry. */
  readonly token: string;
  check(
    files: readonly DefinitionFile[],
  ):
    | { readonly ok: true; readonly compiled: Compiled }
    | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] };
  apply(files: readonly DefinitionFile[], by: Author): Promise<ApplyResult>;
  /** @throws ValenceError `version_unknown` */
  rollback(flow: string, by: Author): Promise<ApplyResult>;
  flows(): Promise<readonly FlowState[]>;
  /** The plan a new run of this type would be pinned to. */
  planOf(type: string): Plan | undefined;
  modules(): Promise<readonly LiveModule[]>;
  queues(): Promise<readonly QueueDepth[]>;
  deadLetters(queue: string): Promise<readonly DeadLetter[]>;
  replay(queue: string, messageIds: readonly string[] | undefined, by: Author): Promise<number>;
}
