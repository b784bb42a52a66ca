/** Adds a line for a new transaction type to `types.json`; comments and layout of what is there stay as they are. */
import { applyEdits, modify } from "jsonc-parser";
import { ValenceError } from "../errors.js";
import type { DefinitionFile, TypeDefinition } from "../schema/definitions.js";
import { parseText } from "./parse.js";

const typesPath = "types.json";

/**
 * The files with the type; whether they compile is asked afterwards.
 * @throws ValenceError `field_invalid` when there is such a type, or `types.json` cannot be read
 */
export function draftType(
  files: readonly DefinitionFile[],
  type: string,
  definition: TypeDefinition,
): readonly DefinitionFile[] {
  const file = files.find(({ path }) => path === typesPath) ?? { path: typesPath, text: "{}\n" };
  const { value, diagnostics } = parseText(file);
  if (diagnostics.length > 0 || typeof value !== "object" || value === null || Array.isArray(value))
    throw new ValenceError("field_invalid", `${typesPath} cannot be read; mend it first`);
  if (Object.hasOwn(value, type))
    throw new ValenceError("field_invalid", `there is a transaction type ${type} already`);
  const drafted = { path: typesPath, text: withLine(file.text, type, definition) };
  return [...files.filter(({ path }) => path !== typesPath), drafted];
}

/** The library says where the line goes; how it looks is the habit of the shipped file. */
function withLine(text: string, type: string, definition: TypeDefinition): string {
  const line = `${JSON.stringify(type)}: ${JSON.stringify(definition, null, 1).replaceAll(/\n\s*/g, " ")}`;
  const edits = modify(text, [type], definition, {}).map((edit) => {
    const isFirst = !edit.content.startsWith(",");
    return { ...edit, content: `${isFirst ? "" : ","}\n  ${line}${isFirst ? "\n" : ""}` };
  });
  return applyEdits(text, edits);
}
