/** What can be said about definitions without a running system: `flow check`, and plans of what stands in a folder. */
import { vocabulary } from "../../atoms/index.js";
import { compile, type CompileResult } from "../../engine/compiler/compile.js";
import { formatDiagnostic, suggestion } from "../../engine/compiler/diagnostics.js";
import type { Plan } from "../../engine/compiler/plan.js";
import type { DefinitionFile } from "../../engine/schema/definitions.js";
import { readDefinitions } from "../compose/root.js";
import { CannotDo } from "./failure.js";

/** @throws CannotDo when there are none */
export function definitionsIn(dir: string): readonly DefinitionFile[] {
  let files: readonly DefinitionFile[];
  try {
    files = readDefinitions(dir);
  } catch (error) {
    throw new CannotDo(`the definitions in ${dir} cannot be read: ${(error as Error).message}`);
  }
  if (files.length === 0) throw new CannotDo(`there are no definitions in ${dir}`);
  return files;
}

export const compileIn = (dir: string): CompileResult => compile(definitionsIn(dir), vocabulary);

/** @throws CannotDo when the definitions do not compile or have no such type */
export function planIn(dir: string, type: string): Plan {
  const result = compileIn(dir);
  if (!result.ok) {
    const [first] = result.diagnostics;
    const more = result.diagnostics.length - 1;
    const told = first ? formatDiagnostic(first) : "";
    throw new CannotDo(`${told}${more > 0 ? `, and ${more} more` : ""}; valence flow check ${dir} shows all`);
  }
  const { types, plans } = result.compiled;
  const flow = types.find((each) => each.type === type)?.flow;
  const plan = plans.find((each) => each.flow === flow);
  if (plan) return plan;
  const names = types.map((each) => each.type);
  throw new CannotDo(
    `there is no transaction type ${type}${suggestion(type, names)}; there are ${names.join(", ")}`,
  );
}
