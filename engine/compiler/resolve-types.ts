/** Transaction types: their flows and presets. */
import type { TypesFile } from "../schema/definitions.js";
import { validator } from "../schema/validate.js";
import type { Declared } from "./declared.js";
import { diagnostic, suggestion, within } from "./diagnostics.js";
import type { Place } from "./diagnostics.js";
import { own } from "./model.js";
import type { ResolvedFlow } from "./model.js";
import type { Diagnostic, TypePlan } from "./plan.js";
import { segmentsOf } from "./shape.js";
import type { Located } from "./shape.js";
import type { Vocabulary } from "./vocabulary.js";

type Report = (found: Diagnostic) => void;

export function resolveTypes(
  files: readonly Located<TypesFile>[],
  flows: Declared<ResolvedFlow>,
  vocabulary: Vocabulary,
  report: Report,
): readonly TypePlan[] {
  const types = new Map<string, TypePlan>();
  for (const { file, definition } of files) {
    for (const [type, { flow, title, set = {} }] of Object.entries(definition)) {
      const place: Place = { file, at: [type] };
      if (types.has(type))
        report(diagnostic("RESOLVE_NAME_TAKEN", place, `type "${type}" is declared before`));
      if (!flows.has(flow)) {
        const message = `there is no flow "${flow}"${suggestion(flow, flows.keys())}`;
        report(diagnostic("RESOLVE_FLOW_UNKNOWN", within(place, "flow"), message));
      }
      for (const [field, value] of Object.entries(set)) {
        checkPreset(within(place, "set", field), field, value, flows.get(flow), vocabulary, report);
      }
      types.set(type, { type, title, flow, set });
    }
  }
  return [...types.values()];
}

function checkPreset(
  place: Place,
  field: string,
  value: unknown,
  flow: ResolvedFlow | undefined,
  vocabulary: Vocabulary,
  report: Report,
): void {
  const spec = own(vocabulary.dictionary, field);
  if (!spec) {
    const message = `there is no field "${field}"${suggestion(field, Object.keys(vocabulary.dictionary))}`;
    return report(diagnostic("RESOLVE_FIELD_UNKNOWN", place, message));
  }
  if (vocabulary.system.includes(field)) {
    return report(diagnostic("RESOLVE_PRESET_SYSTEM", place, `"${field}" comes from the engine`));
  }
  if (flow && !flow.input.includes(field) && !flow.optional.includes(field)) {
    report(diagnostic("RESOLVE_PRESET_UNUSED", place, `flow "${flow.name}" does not take "${field}"`));
  }
  for (const error of validator(spec.schema)(value)) {
    const where = within(place, ...segmentsOf(error.pointer));
    report(diagnostic("RESOLVE_PRESET_INVALID", where, `"${field}" ${error.message}`));
  }
}
