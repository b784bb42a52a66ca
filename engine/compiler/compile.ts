/**
 * `compile`: definitions to plans, or to everything that is wrong with them. A pure function of its two arguments;
 * nothing unsound gets through, and nothing it is given makes it throw.
 *
 * The passes, in order: parse, shape, resolve, outcomes, dataflow, effects, plan. What has an error is left out of
 * the passes that would need it, so that one mistake is reported once and independent ones all at the same time.
 */
import type { DefinitionFile } from "../schema/definitions.js";
import { deepFreeze } from "./canonical.js";
import { checkDataflow, checkDeadSteps } from "./dataflow.js";
import { checkEffects } from "./effects.js";
import { checkOutcomes } from "./outcomes.js";
import { parseFiles } from "./parse.js";
import type { Compiled, Diagnostic } from "./plan.js";
import { planFlow } from "./planner.js";
import { resolve } from "./resolve.js";
import { checkShapes } from "./shape.js";
import { checkUndecided } from "./undecided.js";
import type { Vocabulary } from "./vocabulary.js";

export type CompileResult =
  | { readonly ok: true; readonly compiled: Compiled }
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] };

/** Plans by flow name, types by name; diagnostics by file and place. The order of `files` does not matter. */
export function compile(files: readonly DefinitionFile[], vocabulary: Vocabulary): CompileResult {
  const parsed = parseFiles(files);
  const shapes = checkShapes(parsed.files);
  const resolved = resolve(shapes, vocabulary);
  const diagnostics = [...parsed.diagnostics, ...shapes.diagnostics, ...resolved.diagnostics];

  for (const transaction of resolved.transactions) {
    diagnostics.push(...checkDeadSteps(transaction), ...checkEffects(transaction));
  }
  const said = new Set<string>();
  for (const flow of resolved.flows) {
    const outcomes = checkOutcomes(flow);
    diagnostics.push(...outcomes, ...checkDataflow(flow, vocabulary, said), ...checkUndecided(flow));
  }
  if (diagnostics.length > 0) return { ok: false, diagnostics: sorted(diagnostics) };
  const plans = resolved.flows.map(planFlow).sort((a, b) => compareText(a.flow, b.flow));
  const types = structuredClone([...resolved.types]).sort((a, b) => compareText(a.type, b.type));
  return { ok: true, compiled: deepFreeze({ plans, types }) };
}

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

function sorted(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  return [...diagnostics].sort(
    (a, b) => compareText(a.file, b.file) || compareText(a.pointer, b.pointer) || compareText(a.code, b.code),
  );
}
