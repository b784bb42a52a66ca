/**
 * Putting definitions in force: compile, check that the living can serve them, activate, all or nothing. A set that
 * fails leaves the last good one in force; running work stays pinned to the plans it began with.
 */
import { compile } from "../compiler/compile.js";
import type { Compiled, Diagnostic } from "../compiler/plan.js";
import type { Vocabulary } from "../compiler/vocabulary.js";
import { ValenceError } from "../errors.js";
import type { Author } from "../ports/author.js";
import type { DefinitionSet, DefinitionStore } from "../ports/definitions.js";
import type { ModuleRegistry } from "../ports/modules.js";
import type { DefinitionFile } from "../schema/definitions.js";
import { withFlowOf } from "./flow-files.js";
import { unserved } from "./served.js";
import { changes, type FlowSince, since, type VersionLine, versionLine } from "./version-line.js";

export type { VersionLine };

export type ApplyResult =
  | { readonly applied: true; readonly version: number; readonly changed: readonly string[] }
  | {
      readonly applied: false;
      readonly code: "definitions_unsound";
      readonly diagnostics: readonly Diagnostic[];
    }
  | { readonly applied: false; readonly code: "definitions_unserved"; readonly missing: readonly string[] }
  /** Somebody was faster: `inForce` says who, and why. Absent where nothing is in force. */
  | { readonly applied: false; readonly code: "definitions_superseded"; readonly inForce?: VersionLine };

export interface DefinitionsPorts {
  readonly store: DefinitionStore;
  readonly modules: ModuleRegistry;
  readonly vocabulary: Vocabulary;
}

export interface FlowState extends FlowSince {
  readonly flow: string;
  readonly title: string;
  readonly hash: string;
  readonly types: readonly string[];
}

/** How far back a rollback looks. */
const historyMax = 200;

export class Definitions {
  constructor(private readonly ports: DefinitionsPorts) {}

  check(files: readonly DefinitionFile[]): ReturnType<typeof compile> {
    return compile(files, this.ports.vocabulary);
  }

  /** `expectedVersion`: the version the author started from; absent: the one in force now. 0: none was. */
  async apply(files: readonly DefinitionFile[], by: Author, expectedVersion?: number): Promise<ApplyResult> {
    return this.#apply(files, by, await this.ports.store.active(), expectedVersion);
  }

  /** First start of a system: nothing is in force and nothing lives yet, so nobody can be asked. */
  async install(files: readonly DefinitionFile[], by: Author): Promise<ApplyResult> {
    const result = this.check(files);
    if (!result.ok) return { applied: false, code: "definitions_unsound", diagnostics: result.diagnostics };
    return this.#activate(files, result.compiled, by, await this.ports.store.active());
  }

  /**
   * Returns one flow (its file and the transactions it uses) to what it was before its last change; everything else
   * stays as it is now. The result must be sound like any other set.
   * @throws ValenceError `version_unknown`
   */
  async rollback(flow: string, by: Author, expectedVersion?: number): Promise<ApplyResult> {
    const history = await this.ports.store.history(historyMax);
    const [active] = history;
    const now = active?.flows[flow];
    const before = history.find((set) => set.flows[flow] !== undefined && set.flows[flow] !== now);
    if (!active || !before) {
      throw new ValenceError(
        "version_unknown",
        `flow ${flow} has no earlier version among the last ${historyMax} sets`,
      );
    }
    return this.#apply(withFlowOf(before.files, active.files, flow), by, active, expectedVersion);
  }

  /**
   * Puts all files of an older version in force again, as a new version.
   * @throws ValenceError `version_unknown`
   */
  async rollbackTo(version: number, by: Author, expectedVersion?: number): Promise<ApplyResult> {
    const set = await this.version(version);
    return this.#apply(set.files, by, await this.ports.store.active(), expectedVersion);
  }

  active(): Promise<DefinitionSet | undefined> {
    return this.ports.store.active();
  }

  /** @throws ValenceError `version_unknown` */
  async version(version: number): Promise<DefinitionSet> {
    const set = await this.ports.store.version(version);
    if (!set) throw new ValenceError("version_unknown", `there are no definitions of version ${version}`);
    return set;
  }

  /** Newest first. */
  async history(): Promise<readonly VersionLine[]> {
    // One more than is told: what the oldest has changed shows against the one before.
    const lines = await this.ports.store.lines(historyMax + 1);
    return lines.slice(0, historyMax).map((line, index) => versionLine(line, lines[index + 1]));
  }

  /** The flows in force. */
  async list(): Promise<readonly FlowState[]> {
    const history = await this.ports.store.lines(historyMax);
    const [active] = history;
    if (!active) return [];
    return Promise.all(
      Object.entries(active.flows).map(async ([flow, hash]) => ({
        flow,
        hash,
        title: (await this.ports.store.plan(hash))?.title ?? flow,
        types: active.types.filter((type) => type.flow === flow).map(({ type }) => type),
        ...since(history, flow, hash),
      })),
    );
  }

  /** Whatever came into force since `active` was read is not overwritten, nor what came after `expectedVersion`. */
  async #apply(
    files: readonly DefinitionFile[],
    by: Author,
    active: DefinitionSet | undefined,
    expectedVersion = active?.version ?? 0,
  ): Promise<ApplyResult> {
    if (expectedVersion !== (active?.version ?? 0)) return this.#superseded();
    const result = this.check(files);
    if (!result.ok) return { applied: false, code: "definitions_unsound", diagnostics: result.diagnostics };
    const missing = unserved(result.compiled, await this.ports.modules.live());
    if (missing.length > 0) return { applied: false, code: "definitions_unserved", missing };
    return this.#activate(files, result.compiled, by, active);
  }

  async #activate(
    files: readonly DefinitionFile[],
    compiled: Compiled,
    by: Author,
    active: DefinitionSet | undefined,
  ): Promise<ApplyResult> {
    const flows = Object.fromEntries(compiled.plans.map(({ flow, hash }) => [flow, hash]));
    const version = active?.version ?? 0;
    const taken = await this.ports.store.activate(
      { files, types: compiled.types, flows, ...by },
      compiled.plans,
      version,
    );
    if (!taken) return this.#superseded();
    return {
      applied: true,
      version: version + 1,
      changed: changes(active, { flows, types: compiled.types }),
    };
  }

  async #superseded(): Promise<ApplyResult> {
    const [line, before] = await this.ports.store.lines(2);
    const inForce = line && { inForce: versionLine(line, before) };
    return { applied: false, code: "definitions_superseded", ...inForce };
  }
}
