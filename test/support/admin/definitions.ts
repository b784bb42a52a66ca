/** Definitions behind the admin API without a system: reading is real, what would change something is written down. */
import type { DefinitionServices } from "../../../adapters/http/admin/definition-services.js";
import { vocabulary } from "../../../atoms/index.js";
import { compile } from "../../../engine/compiler/compile.js";
import { difference } from "../../../engine/compiler/difference.js";
import { draftType } from "../../../engine/compiler/draft-type.js";
import { ValenceError } from "../../../engine/errors.js";
import type { DefinitionSet } from "../../../engine/ports/index.js";
import { viewVocabulary } from "../../../engine/registry/vocabulary-view.js";
import { shippedFiles, shippedPlan } from "../shipped.js";

/** What is shipped is in force as version 4, by bob. */
export function recordedDefinitions(changes: unknown[]): DefinitionServices {
  const check: DefinitionServices["check"] = (files) => compile(files, vocabulary);
  const inForce = check(shippedFiles);
  if (!inForce.ok) throw new Error("what is shipped does not compile");
  const { plans, types } = inForce.compiled;
  const by = { author: "bob", reason: "a better title" };
  const set: DefinitionSet = { version: 4, files: shippedFiles, types, flows: {}, ...by, activatedAtMs: 0 };
  const line = { version: 4, ...by, atMs: 0, changed: ["flow pay"] };
  const only = (version: number): void => {
    if (version !== 4) throw new ValenceError("version_unknown", `there is no version ${version}`);
  };
  return {
    atoms: vocabulary.atoms,
    check,
    apply: async (files, author, expected) => {
      const result = check(files);
      if (!result.ok) return { applied: false, code: "definitions_unsound", diagnostics: result.diagnostics };
      if (expected !== undefined && expected !== 4)
        return { applied: false, code: "definitions_superseded", inForce: line };
      changes.push(["apply", files.length, author, expected]);
      return { applied: true, version: 5, changed: [] };
    },
    rollback: async (flow) => {
      throw new ValenceError("version_unknown", `flow ${flow} has no earlier version`);
    },
    rollbackTo: async (version, author, expected) => {
      only(version);
      changes.push(["rollback", version, author, expected]);
      return { applied: true, version: 5, changed: [] };
    },
    flows: async () => [],
    active: async () => set,
    history: async () => [line],
    version: async (version) => {
      only(version);
      return set;
    },
    counts: async () => ({ runs: 0, fromMs: 0, toMs: 0, ways: [], standing: [] }),
    perMinute: async () => ({ pay: 12 }),
    planOf: (type) => (type === "pay" ? shippedPlan("pay") : undefined),
    planIn: async (flow, version) => {
      if (version !== undefined) only(version);
      const plan = plans.find((each) => each.flow === flow);
      if (!plan) throw new ValenceError("not_found", `there is no flow ${flow}`);
      return plan;
    },
    compare: async (files) => {
      const result = check(files);
      return result.ok ? { ok: true, ...difference(inForce.compiled, result.compiled) } : result;
    },
    replay: async ({ files, flow, count }) => {
      const result = check(files);
      if (!result.ok) return result;
      const counts = { same: 0, differs: 0, unknown: 0, left: count, elapsedMs: 0 };
      return { ok: true, flow, hash: "", runs: [], ...counts };
    },
    draftType: async (files, type, definition) => draftType(files ?? shippedFiles, type, definition),
    vocabulary: async () => viewVocabulary(vocabulary, []),
  };
}
