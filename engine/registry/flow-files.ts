/** The files that belong to one flow: its own, and those of the transactions it uses. */
import { parseFiles } from "../compiler/parse.js";
import type { DefinitionFile, FlowDefinition, TransactionDefinition } from "../schema/definitions.js";

/** The files of `now`, with the flow and the transactions it uses taken from `then`. */
export function withFlowOf(
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
