/**
 * Putting definitions in force: compile, check that the living can serve them, activate, all or nothing. A set that
 * fails leaves the last good one in force; running work stays pinned to the plans it began with.
 */
import { canonicalJson } from "../compiler/canonical.js";
import { compile } from "../compiler/compile.js";
import { parseFiles } from "../compiler/parse.js";
import type { Compiled, Diagnostic, Plan } from "../compiler/plan.js";
import type { Vocabulary } from "../compiler/vocabulary.js";
import { ValenceError } from "../errors.js";
import type { DefinitionSet, DefinitionStore } from "../ports/definitions.js";
import type { LiveModule, ModuleRegistry } from "../ports/modules.js";
import type { DefinitionFile, FlowDefinition, TransactionDefinition } from "../schema/definitions.js";

export type ApplyResult =
  | { readonly applied: true; readonly version: number; readonly changed: readonly string[] }
  | {
      readonly applied: false;
      readonly code: "definitions_unsound";
      readonly diagnostics: readonly Diagnostic[];
    }
  | { readonly applied: false; readonly code: "definitions_unserved"; readonly missing: readonly string[] };

export interface Author {
  readonly author: string;
  readonly reason: string;
}

export interface DefinitionsPorts {
  readonly store: DefinitionStore;
  readonly modules: ModuleRegistry;
  readonly vocabulary: Vocabulary;
}

export interface FlowState {
  readonly flow: string;
  readonly title: string;
  readonly hash: string;
  readonly types: readonly string[];
  /** The set in which this plan came into force. */
  readonly sinceVersion: number;
}

/** How far back a rollback looks. */
const historyMax = 200;

export class Definitions {
  constructor(private readonly ports: DefinitionsPorts) {}

  check(files: readonly DefinitionFile[]): ReturnType<typeof compile> {
    return compile(files, this.ports.vocabulary);
  }

  /** @throws ValenceError `definitions_unserved` when somebody else activated a set at the same moment. */
  async apply(files: readonly DefinitionFile[], by: Author): Promise<ApplyResult> {
    return this.#apply(files, by, await this.ports.store.active());
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
  async rollback(flow: string, by: Author): Promise<ApplyResult> {
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
    return this.#apply(withFlowOf(before.files, active.files, flow), by, active);
  }

  /** The flows in force. */
  async list(): Promise<readonly FlowState[]> {
    const history = await this.ports.store.history(historyMax);
    const [active] = history;
    if (!active) return [];
    return Promise.all(
      Object.entries(active.flows).map(async ([flow, hash]) => ({
        flow,
        hash,
        title: (await this.ports.store.plan(hash))?.title ?? flow,
        types: active.types.filter((type) => type.flow === flow).map(({ type }) => type),
        sinceVersion: since(history, flow, hash),
      })),
    );
  }

  /** `active` is the set the author started from: whatever came into force since then is not overwritten. */
  async #apply(
    files: readonly DefinitionFile[],
    by: Author,
    active: DefinitionSet | undefined,
  ): Promise<ApplyResult> {
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
    if (!taken) {
      throw new ValenceError(
        "definitions_unserved",
        "another set was activated at the same moment; look, then repeat",
      );
    }
    return { applied: true, version: version + 1, changed: changes(active, flows, compiled) };
  }
}

/** What no live module can do: atoms it lacks (or holds in another version), queues nobody serves. */
export function unserved(compiled: Compiled, live: readonly LiveModule[]): readonly string[] {
  const served = live.flatMap(({ queues }) => queues);
  return [...new Set(compiled.plans.flatMap((plan) => unservedStages(plan, live, served)))];
}

function unservedStages(
  plan: Plan,
  live: readonly LiveModule[],
  served: readonly string[],
): readonly string[] {
  return Object.values(plan.stages).flatMap((stage) => {
    if (stage.kind === "wait") return [];
    const consumers = live.filter(({ queues }) => queues.some((queue) => covers(queue, stage.queue)));
    if (!served.some((queue) => covers(queue, stage.queue))) {
      return [`flow ${plan.flow}: no live module serves queue ${stage.queue}`];
    }
    return stage.steps
      .filter(({ atom, signature }) => !consumers.some(({ atoms }) => atoms[atom] === signature))
      .map(
        ({ atom, version }) =>
          `flow ${plan.flow}: no live module on queue ${stage.queue} holds ${atom}@${version}`,
      );
  });
}

/** `flow.*` covers `flow.pay`; `channel.sim` covers the template `channel.{channel}`. */
export function covers(served: string, wanted: string): boolean {
  const names = (text: string): readonly string[] => text.split(".");
  const [a, b] = [names(served), names(wanted)];
  return (
    a.length === b.length &&
    a.every((part, index) => part === "*" || part === b[index] || /^\{.*\}$/.test(b[index] ?? ""))
  );
}

const since = (history: readonly DefinitionSet[], flow: string, hash: string): number => {
  const other = history.findIndex((set) => set.flows[flow] !== hash);
  return (other === -1 ? history.at(-1) : history[other - 1])?.version ?? 0;
};

function changes(
  before: DefinitionSet | undefined,
  flows: Readonly<Record<string, string>>,
  { types }: Compiled,
): readonly string[] {
  const had = new Map(before?.types.map((type) => [type.type, canonicalJson(type)]));
  return [
    ...Object.entries(flows).flatMap(([flow, hash]) =>
      before?.flows[flow] === hash ? [] : [`flow ${flow}`],
    ),
    ...Object.keys(before?.flows ?? {}).flatMap((flow) => (flow in flows ? [] : [`flow ${flow} (removed)`])),
    ...types.flatMap((type) => (had.get(type.type) === canonicalJson(type) ? [] : [`type ${type.type}`])),
    ...[...had.keys()].flatMap((type) =>
      types.some((each) => each.type === type) ? [] : [`type ${type} (removed)`],
    ),
  ];
}

/** The files of `now`, with the flow and the transactions it uses taken from `then`. */
function withFlowOf(
  then: readonly DefinitionFile[],
  now: readonly DefinitionFile[],
  flow: string,
): readonly DefinitionFile[] {
  const used = new Set<string>();
  for (const { kind, value } of parseFiles(then).files) {
    const definition = value as FlowDefinition;
    if (kind !== "flow" || definition.flow !== flow) continue;
    for (const stage of Object.values(definition.stages))
      if ("transaction" in stage) used.add(stage.transaction);
  }
  const belonging = (files: readonly DefinitionFile[]): ReadonlySet<string> => {
    const paths = parseFiles(files).files.flatMap(({ file, kind, value }) => {
      if (kind === "flow") return (value as FlowDefinition).flow === flow ? [file] : [];
      return kind === "transaction" && used.has((value as TransactionDefinition).transaction) ? [file] : [];
    });
    return new Set(paths);
  };
  const [old, current] = [belonging(then), belonging(now)];
  return [...now.filter(({ path }) => !current.has(path)), ...then.filter(({ path }) => old.has(path))];
}
