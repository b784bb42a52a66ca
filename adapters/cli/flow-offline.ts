/** What can be said about definitions without a running system: `flow check`, and plans of what stands in a folder. */
import { vocabulary } from "../../atoms/index.js";
import { compile, type CompileResult } from "../../engine/compiler/compile.js";
import { formatDiagnostic, suggestion } from "../../engine/compiler/diagnostics.js";
import type { Diagnostic, Plan } from "../../engine/compiler/plan.js";
import type { DefinitionFile } from "../../engine/schema/definitions.js";
import { readDefinitions } from "../compose/root.js";
import { CannotDo, Failed } from "./failure.js";

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

/** One line each: `file:pointer CODE message (hint)`. */
export function reportDiagnostics(diagnostics: readonly Diagnostic[]): void {
  for (const diagnostic of diagnostics) process.stderr.write(`${formatDiagnostic(diagnostic)}\n`);
}

/** @throws Failed after it has said what is wrong; CannotDo when there is no such type */
export function planIn(dir: string, type: string): Plan {
  const result = compileIn(dir);
  if (!result.ok) {
    reportDiagnostics(result.diagnostics);
    throw new Failed();
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
