/** The definitions this product ships with, to be compiled or changed. */
import path from "node:path";
import { vocabulary } from "../../atoms/index.js";
import { readDefinitions } from "../../adapters/compose/root.js";
import { compile } from "../../engine/compiler/compile.js";
import type { Plan } from "../../engine/compiler/plan.js";
import type { DefinitionFile } from "../../engine/schema/definitions.js";
import { root } from "./checkout.js";

export const shippedFiles: readonly DefinitionFile[] = readDefinitions(path.join(root, "flows"));

/** The files as path -> text, with these members of one JSON file replaced (deeply, `undefined` removes). */
export function changed(
  file: string,
  change: (content: Record<string, unknown>) => void,
): Record<string, string> {
  const files = Object.fromEntries(shippedFiles.map(({ path: name, text }) => [name, text]));
  // Shipped flows have comments; a stage name never contains two slashes.
  const content = JSON.parse((files[file] ?? "{}").replace(/^\s*\/\/.*$/gm, "")) as Record<string, unknown>;
  change(content);
  return { ...files, [file]: JSON.stringify(content) };
}

/** @throws Error when what is shipped does not compile */
export function shippedPlan(flow: string): Plan {
  const result = compile(shippedFiles, vocabulary);
  const plan = result.ok ? result.compiled.plans.find((each) => each.flow === flow) : undefined;
  if (!plan) throw new Error(`no shipped plan of flow ${flow}`);
  return plan;
}
